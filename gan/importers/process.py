"""Having a file parsed by another process, which is started beforehand, watched, and replaced when it misbehaves."""

from __future__ import annotations

import atexit
import contextlib
import json
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gan.importers import limits
from gan.importers.helper import GREETING
from gan.importers.limits import UnreadableError
from gan.importers.parsed import Parsed, from_json

T = TypeVar("T")
_START_SECONDS = 60.0
_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from gan.importers.helper import main; main()"


class Helper:
    """One parsing process, used by one caller at a time.

    Args:
        seconds: how long to wait for an answer.
    """

    def __init__(self, seconds: float = limits.HELPER_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._greeted = False

    def start(self) -> None:
        """Start the process, unless it runs. It takes some tens of milliseconds, elsewhere."""
        with self._lock:
            self._ready()

    def parse(self, path: Path, spill: Path) -> Parsed:
        """Parse ``path``; bytes that do not lie in it as they are go to the file ``spill``.

        Raises:
            UnreadableError: see :func:`gan.importers.parsed.parse`; or it took too long, or too much memory.
            OSError: the file is not there.
        """
        path = path.resolve()
        size = path.stat().st_size
        with self._lock:
            answer = self._ask(self._ready(), path, spill)
        if "error" in (told := json.loads(answer)) and "container" not in told:
            if told.get("spent"):
                self.stop()  # what it took may be in the way of the next file
            raise UnreadableError(told["error"], told["hint"])
        return from_json(answer, size, spill)

    def stop(self) -> None:
        """End the process; the next question starts another."""
        with self._lock:
            self._end()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._greeted = False
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, str(_ROOT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], path: Path, spill: Path) -> bytes:
        assert process.stdin is not None and process.stdout is not None
        stdin, stdout = process.stdin, process.stdout
        if not self._greeted:  # its start is not the file's fault
            greeting, _ = self._within(_START_SECONDS, process, lambda: stdout.read(len(GREETING)))
            self._greeted = greeting == GREETING
        request = json.dumps({"path": str(path), "spill": str(spill)}).encode() + b"\n"

        def exchange() -> bytes:
            stdin.write(request)
            stdin.flush()
            head = stdout.read(8)
            return stdout.read(struct.unpack("<Q", head)[0]) if len(head) == 8 else b""

        answer, late = self._within(self._seconds, process, exchange)
        if not answer or late:
            self._end()
            what = "takes too long" if late else "needs too much memory, or is made to break readers"
            raise UnreadableError(
                f"Reading {path.name} {what}.", "No ordinary checkpoint does. Do not trust this file."
            )
        return answer

    @staticmethod
    def _within(seconds: float, process: subprocess.Popen[bytes], work: Callable[[], T]) -> tuple[T | None, bool]:
        """The result of ``work``, which waits for ``process``; it is killed after ``seconds``. And whether it was."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        watch = threading.Timer(seconds, stop)
        watch.daemon = True
        watch.start()
        try:
            return work(), late.is_set()
        except OSError:  # a pipe whose other end has gone
            return None, late.is_set()
        finally:
            watch.cancel()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        process.wait()


_helper = Helper()
atexit.register(_helper.stop)


def warm_up() -> None:
    """Start the parsing process, so that the first file from elsewhere opens without waiting for it."""
    with contextlib.suppress(OSError):
        _helper.start()


def parse_elsewhere(path: Path, folder: Path) -> Parsed:
    """Parse ``path`` in the parsing process; ``folder`` takes what does not lie in the file as it is.

    Raises:
        UnreadableError: see :meth:`Helper.parse`.
        OSError: the file is not there.
    """
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as spill:
        pass
    return _helper.parse(path, Path(spill.name))
