"""The window: see a generator's pictures, steer its latent, keep what looks good."""
