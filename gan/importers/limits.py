"""How much a file from elsewhere may ask for. Real checkpoints stay far below; files made to hurt do not.

The numbers bound memory and time of the *parser*; weights themselves are bounded by the bytes the file really has.
"""

from __future__ import annotations

from gan.errors import UserError

MAX_FILE = 16 * 2**30
"""Bytes of a file that is looked at at all."""
MAX_PICKLE = 64 * 2**20
"""Bytes of one pickle (names and numbers; weights lie beside it)."""
MAX_OPERATIONS = 3_000_000
"""Instructions of one file's pickles, and objects visited in search of weights."""
MAX_SECONDS = 3.0
"""Processor time for parsing one file."""
MAX_INTEGER = 64
"""Bytes of one integer in a pickle."""
MAX_DEPTH = 64
"""Objects inside objects."""
MAX_TENSORS = 20_000
"""Tensors, over all networks in a file."""
MAX_DIMENSIONS = 8
"""Axes of a tensor."""
MAX_OVERLAP = 2**20
"""Elements of a tensor whose strides visit the same number several times."""
MAX_WEIGHTS = 2**30
"""Elements of one generator."""
MAX_ENTRIES = 100_000
"""Files inside an archive."""
MAX_INFLATED = 2**30
"""Bytes that the compressed parts of an archive may grow to, together."""
MAX_RATIO = 200
"""Bytes after decompression for one before, once it is more than a mebibyte."""
MAX_HEADER = 16 * 2**20
"""Bytes of a safetensors header or a zip directory."""
MAX_NAME = 300
"""Characters of a tensor's name."""
MAX_ARCHIVES = 2
"""Archives inside archives."""
HELPER_MEMORY = 1024 * 2**20
"""Bytes of address space of the process that parses."""
HELPER_SECONDS = 4.5
"""Seconds to wait for an answer of the process that parses."""


class UnreadableError(UserError):
    """A file that cannot, or must not, be read further: damaged, made to hurt, or of a kind that is not supported."""
