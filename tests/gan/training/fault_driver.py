"""A warm trainer for :mod:`test_faults`: it has imported everything, and starts a run by forking itself.

Each line on stdin is a number of steps; for each it prints the child's process id, and later the child's exit status.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import torch

from gan.training import runner as runs
from gan.training.run_directory import RunDirectory

runs.METRICS_EVERY = runs.STATUS_EVERY = 0.0
runs.STATE_EVERY = 0.03


def _train(out: Path, steps: int) -> None:
    torch.manual_seed(os.getpid())  # a run must not depend on it
    runs.resume(out, steps).run(lambda report: None)


def main(out: Path) -> None:
    """Serve until stdin ends."""
    RunDirectory(out).read_config()
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            status = 1
            try:
                _train(out, int(line))
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        print(pid, flush=True)
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
