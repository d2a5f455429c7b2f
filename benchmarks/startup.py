"""How long one waits for the first picture, beside what importing PyTorch and Qt alone takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.figure import Figure

_WINDOW = (str(Path(__file__).with_name("first_paint.py")),)
_IMPORTS = ("-c", "import torch, PySide6.QtWidgets; print('imported', flush=True)")
_LIMIT_S = 90.0


def startup(quick: bool) -> list[Figure]:
    """Alternating, from the start of the process to the line it prints; the first of each only warms the disk cache."""
    window, imports = [], []
    for round_ in range(2 if quick else 6):
        seconds = _seconds_until_line(_WINDOW), _seconds_until_line(_IMPORTS)
        if round_ > 0:
            window.append(seconds[0])
            imports.append(seconds[1])
    ratio = median(window) / median(imports)
    return [
        Figure("startup: python app.py to first picture", median(window), "s"),
        Figure("startup: import torch, PySide6.QtWidgets", median(imports), "s"),
        Figure("startup: ratio", ratio, "×", 2.0),
    ]


def _seconds_until_line(arguments: tuple[str, ...]) -> float:
    env = {**os.environ}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody compiles a program anew at each start
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *arguments], env=env, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            seconds = time.perf_counter() - began
            if process.wait(_LIMIT_S) or not line:
                raise RuntimeError(f"python {arguments[0]} ended with status {process.returncode}")
        finally:
            process.kill()  # no more than a safeguard: it has ended
    return seconds
