"""Training: losses, the trainer, and the run directory it leaves behind."""
