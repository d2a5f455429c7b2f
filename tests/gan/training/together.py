"""Two processes that train together, as torchrun starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 300


def two_processes_run(script: ModuleType, *arguments: Path) -> None:
    """Run ``script`` twice, with ``arguments``, and wait for both.

    torchrun keeps the port that it chose. One that a test had found free could be taken again before its use.
    """
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [*launcher, str(script.__file__), *map(str, arguments)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as both:
        try:
            errors = both.communicate(timeout=PATIENCE_S)[1]
        finally:
            both.terminate()  # it ends what it started
    assert both.returncode == 0, errors
