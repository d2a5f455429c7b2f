"""Latent vectors: seeded draws, neighbours, vector files. NumPy only, so that the window's state may use it."""
