"""One picture of an ONNX file in a process of its own: what takes for ever, or all the memory, does so there.

python -c "..." FILE INPUT OUTPUT SIZE,SIZE,...    prints the shape of the answer as JSON
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

MEMORY = 4 * 2**30
"""Bytes of address space, beside four times the file."""
SECONDS = 4
"""Processor time."""


def main() -> None:
    """See the module."""
    path, given, answer, sizes = sys.argv[-4:]
    data = Path(path).read_bytes()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY + 4 * len(data), MEMORY + 4 * len(data)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import numpy as np

    from gan.importers.onnx_session import open_session

    session = open_session(data)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        spent = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, spent + SECONDS))
    latent = np.zeros([int(size) for size in sizes.split(",")], np.float32)
    found = session.run([answer], {given: latent})[0]
    print(json.dumps(list(np.shape(found))))
