"""The window under somebody who does anything: a little of it always, ten thousand actions in ``make test-slow``.

``LATENT_DEBUGGER_SOAK_LOG=docs/soak.log make test-slow`` keeps the long run's log.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from .run import LEVEL, about, run

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
@pytest.mark.timeout(1800)
def test_ten_thousand_actions(qtbot: QtBot) -> None:
    report = run(10_000, seed=2026, progress=True)
    log = os.environ.get("LATENT_DEBUGGER_SOAK_LOG")
    if log:
        Path(log).write_text(f"{about()}\n{report}\n")
    assert report.actions == 10_000 and not report.troubles, str(report)
    assert all(ratio < LEVEL for ratio in report.growths().values()), str(report)
