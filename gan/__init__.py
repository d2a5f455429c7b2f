"""Train, store, sample and measure image GANs.

No Qt in here: the window (:mod:`latent_debugger`) and the command line (``python -m gan``) both stand on this package,
so what one renders the other renders too, to the pixel.
"""

__version__ = "0.1.0"
