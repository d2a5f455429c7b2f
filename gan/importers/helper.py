"""The process that parses files nobody vouches for: no PyTorch, no numpy, little memory, nothing but answers.

It greets; then requests are lines of JSON on stdin (``path``, ``spill``), answers on stdout eight bytes of length and
JSON. It ends when stdin does. See :mod:`gan.importers.process` for the other side.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import struct
import sys
from pathlib import Path
from typing import Any

from gan.errors import UserError
from gan.importers import limits
from gan.importers.limits import UnreadableError
from gan.importers.parsed import parse

GREETING = b"ready"
"""First bytes on stdout: what comes before them is starting, not reading a file."""


def main() -> None:
    """Answer requests until there are no more."""
    _limit(0)
    answers = sys.stdout.buffer
    answers.write(GREETING)
    answers.flush()
    for line in sys.stdin.buffer:
        answer = _answer(json.loads(line))
        answers.write(struct.pack("<Q", len(answer)) + answer)
        answers.flush()


def _answer(request: dict[str, str]) -> bytes:
    try:
        return parse_file(Path(request["path"]), Path(request["spill"])).encode()
    except UserError as error:
        told: dict[str, Any] = {"error": error.text, "hint": error.hint}
    except (MemoryError, RecursionError):
        told = {"error": "Reading the file needs more memory than any checkpoint should.", "hint": "", "spent": True}
    except OSError as error:
        told = {"error": f"The file cannot be read: {error.strerror or error}.", "hint": ""}
    return json.dumps(told).encode()


def parse_file(path: Path, spill: Path) -> str:
    """Parse the file ``path``; bytes that do not lie in it as they are go to ``spill``.

    Raises:
        UnreadableError: see :func:`gan.importers.parsed.parse`.
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    if size > limits.MAX_FILE:
        raise UnreadableError(f"The file is larger than {limits.MAX_FILE // 2**30} GiB: that is no generator.")
    if not size:
        raise UnreadableError("The file is empty.", "Copy it again from where it came from.")
    _limit(size)
    with open(path, "rb") as file, open(spill, "wb") as spilled:
        return parse(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)), spilled)


def _limit(file_size: int) -> None:
    """Bound the address space (where the system can): the mapped file, and what parsing may need beside it."""
    if "torch" in sys.modules:  # called inside another program, not as the helper
        return
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limits.HELPER_MEMORY + file_size, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
