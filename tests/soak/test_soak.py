"""The window under somebody who does anything: a little of it always, ten thousand actions in ``make test-slow``.

``LATENT_DEBUGGER_SOAK_LOG=docs/soak.log make test-slow`` keeps the long run's log.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from .run import LEVEL, run

ROOT = Path(__file__).parents[2]
SECONDS = 40.0


def test_a_few_hundred_actions(qtbot: QtBot) -> None:
    report = run(400, seed=1, seconds=SECONDS)
    assert report.actions > 50 and not report.troubles, str(report)
    growths = report.growths()
    assert growths["threads"] <= LEVEL and growths["widgets"] <= LEVEL, str(report)


def test_the_same_seed_does_the_same(qtbot: QtBot) -> None:
    first, second, other = (run(30, seed=seed) for seed in (5, 5, 6))
    assert first.digest == second.digest != other.digest


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_actions(tmp_path: Path) -> None:
    """In a process of its own; on a real X server where Xvfb is installed, for it has focus, grabs and frames."""
    log = Path(os.environ.get("LATENT_DEBUGGER_SOAK_LOG") or tmp_path / "soak.log").absolute()
    command = [sys.executable, "-m", "tests.soak.run", "10000", "--seed", "2026", "--log", str(log)]
    platform = "offscreen"
    if shutil.which("xvfb-run"):
        command, platform = ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24", *command], "xcb"
    environment = {**os.environ, "QT_QPA_PLATFORM": platform, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert log.read_text().splitlines()[1].startswith("10000 actions, seed 2026")
