"""Train, store, sample and measure image GANs.

No Qt in here: the window (:mod:`latent_debugger`) and the command line (``python -m gan``) both stand on this package,
so what one renders the other renders too, to the pixel.
"""

import time

__version__ = "0.1.0"
STARTED = time.time()
"""About when this process began; see :func:`gan.training.control.process_start`."""
