"""Random actions on the real window: ``python -m tests.soak.run 10000 --seed 1 --log docs/soak.log``.

The same seed gives the same actions. After each the window must be in order; what the process holds must stay level.
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import logging
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if not os.environ.get("DISPLAY") else "xcb")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication, QPixmapCache

from latent_debugger.application import build
from latent_debugger.state import editor, neighbour_state
from latent_debugger.wiring import Wiring

from .checks import Listener, Reading, check, check_disk, read
from .monkey import Monkey
from .world import make_world

READINGS = 40
"""Taken in the course of a run."""
PIXMAPS_KIB = 8192
"""The cache of drawn tiles, made small: what it takes to fill the real one would hide what leaks."""
LEVEL = 1.05
HANG_S = 120.0
"""An action that takes longer hangs: every thread's stack goes to stderr."""
MAX_TROUBLES = 20
LAST = 20


@dataclass
class SoakReport:
    """What came of a run."""

    seed: int
    actions: int = 0
    seconds: float = 0.0
    digest: str = ""
    """Of all that was done: equal for equal seeds and numbers of actions."""
    troubles: list[str] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    """The latest actions."""

    def growth(self, what: str) -> float:
        """The last fifth of the readings over those after the first tenth, as a ratio of medians; 1 is level."""
        values = [getattr(reading, what) for reading in self.readings[len(self.readings) // 10 :]]
        part = max(1, len(values) // 5)
        first, last = median(values[:part]), median(values[-part:])
        if what == "threads" and last - first <= 1:
            return 1.0  # some begin at their first use; what leaks does so more than once
        return last / first if first else 1.0

    def growths(self) -> dict[str, float]:
        """Everything that is to stay level."""
        return {what: self.growth(what) for what in ("memory_mib", "threads", "files", "widgets")}

    def __str__(self) -> str:
        lines = [
            f"{self.actions} actions, seed {self.seed}, {self.seconds:.0f} s, digest {self.digest[:16]}",
            *map(str, self.readings),
            "growth: " + ", ".join(f"{what} {100 * (ratio - 1):+.1f} %" for what, ratio in self.growths().items()),
            f"{len(self.troubles)} troubles",
            *self.troubles,
            *(self.last if self.troubles else ()),
        ]
        return "\n".join(lines)


def run(actions: int, seed: int = 0, seconds: float | None = None, progress: bool = False) -> SoakReport:
    """Do ``actions`` random things to a window in a home of its own, but stop after ``seconds``.

    Args:
        progress: print each reading and each trouble as it comes.
    """
    report, started = SoakReport(seed), time.monotonic()
    every = max(10, actions // READINGS)
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, _home(Path(folder)), _seeds(seed):
        world = make_world(Path(folder) / "world")
        listener = Listener()
        logging.getLogger().addHandler(listener)
        _, window = build([str(world.models[0])])
        QPixmapCache.setCacheLimit(PIXMAPS_KIB)
        wiring = window.property("wiring")
        assert isinstance(wiring, Wiring)
        monkey = Monkey(window, wiring, world, seed)
        try:
            monkey.warm_up()
            while report.actions < actions and (seconds is None or time.monotonic() - started < seconds):
                report.actions += 1
                faulthandler.dump_traceback_later(HANG_S, file=sys.__stderr__)
                done, wrong = _act(monkey)
                report.last = [*report.last, f"{report.actions} {done}"][-LAST:]
                digest.update(done.encode())
                monkey.settle()
                wrong += check(window, wiring, listener)
                if report.actions % every == 0:
                    wrong += check_disk(wiring)
                    monkey.rest()
                    wrong += check(window, wiring, listener)
                    report.readings.append(read(report.actions, len(wiring.session.library)))
                    _say(progress, str(report.readings[-1]))
                for trouble in wrong:
                    report.troubles.append(f"{report.actions} after {done}: {trouble}")
                    _say(progress, report.troubles[-1])
                if len(report.troubles) >= MAX_TROUBLES:
                    break
        finally:
            faulthandler.cancel_dump_traceback_later()
            window.close()
            window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            logging.getLogger().removeHandler(listener)
    report.troubles += [f"at the end: {text}" for text in listener.complaints]
    report.digest, report.seconds = digest.hexdigest(), time.monotonic() - started
    return report


def _act(monkey: Monkey) -> tuple[str, list[str]]:
    """What was done, and what the window itself raised."""
    try:
        return monkey.act(), []
    except Exception:
        return "something", [traceback.format_exc()]


@contextmanager
def _home(folder: Path) -> Iterator[None]:
    """The user's own library stays out of it."""
    before = os.environ.get("LATENT_DEBUGGER_HOME")
    os.environ["LATENT_DEBUGGER_HOME"] = str(folder / "home")
    yield
    if before is None:
        del os.environ["LATENT_DEBUGGER_HOME"]
    else:
        os.environ["LATENT_DEBUGGER_HOME"] = before


@contextmanager
def _seeds(seed: int) -> Iterator[None]:
    """Seeds that nobody chose come from ours, or no two runs would see the same window."""
    before, counter = editor.fresh_seed, iter(range(seed, 2**32))

    def next_seed() -> int:
        return next(counter)

    editor.fresh_seed = neighbour_state.fresh_seed = next_seed
    yield
    editor.fresh_seed = neighbour_state.fresh_seed = before


def _say(progress: bool, text: str) -> None:
    if progress:
        print(text, flush=True)


def about() -> str:
    """What the run ran on."""
    return f"Python {sys.version.split()[0]}, torch {torch.__version__}, Qt platform {QGuiApplication.platformName()}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("actions", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--log", type=Path, help="write the report there, too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    faulthandler.enable()

    report = run(options.actions, options.seed, options.seconds, progress=True)
    print(report)
    if options.log is not None:
        options.log.write_text(f"{about()}\n{report}\n")
    sys.exit(bool(report.troubles) or any(ratio > LEVEL for ratio in report.growths().values()))


if __name__ == "__main__":
    main()
