"""Models for other programs: ONNX, and the plain state dict of pytorch/examples. Our own format: gan.checkpoints."""
