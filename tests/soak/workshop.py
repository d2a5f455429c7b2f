"""The part of the monkey that looks through pictures, trains on them, and goes through what was trained.

Runs are tiny, in this process, and waited for: what comes next must not depend on how fast the machine is.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from gan.training.run_directory import RunDirectory
from latent_debugger.state.runs import runs_folder
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.timeline_panel import PAGES
from latent_debugger.wiring import Wiring

from .world import DIM, World

MAX_RUNS = 4
"""More are thrown away again."""
TINY = {
    "image_size": 32, "z_dim": DIM, "width": 4, "batch": 4, "n_critic": 1, "checkpoint_every": 2, "previews": 4,
    "threads": 1, "precision": "fp32", "held_out": 0.2,
}  # fmt: skip
PATIENCE_S = 60.0


class Workshop:
    """Actions of the panels Dataset, Training and Timeline."""

    window: MainWindow
    wiring: Wiring
    world: World
    session: Session
    random: random.Random
    trigger: Callable[[str], str]
    open: Callable[[object], None]
    settle: Callable[[], None]

    def warm_up_work(self) -> None:
        """A pile, a run, its page and its film, once: what is loaded for the first of each is no leak."""
        self.wiring.dataset.open(self.world.pile)
        self._wait(lambda: self.session.curation.pile is not None)
        for place, name in enumerate(("keep", "keep", "keep", "reject", "reject", "reject")):
            self.window.dataset.wall.go_to(place)
            self.trigger(f"dataset.{name}")
        self._learnt()  # from both kinds: its first linear algebra takes 80 MiB for good
        run = self._train(self.world.data, 3, "watch")
        self.wiring.training.run_view.view(run)
        self._wait(lambda: self.window.training.run.charts.text() != "")
        self.open(run)
        self.settle()
        self.window.show_panel("timeline")
        for page in PAGES:
            self.window.timeline.set_page(page)
            self.settle()
        for name in ("train.follow", "timeline.earlier", "timeline.later"):
            self.trigger(name)
            self.settle()
        self.session.timeline.set_follow(False)

    # pictures

    def do_pile(self) -> str:
        """Look through a folder, to the end or not; or through what is no pile."""
        source = self.random.choice((self.world.pile, self.world.pile, self.world.data, *self.world.bad[:2]))
        self.wiring.dataset.open(source)
        if self.random.random() < 0.3:
            self.wiring.services.curation.cancel()
        self._wait(lambda: not self.wiring.services.curation.scanning)
        self._learnt()
        return source.name

    def do_decide(self) -> str:
        panel, curation = self.window.dataset, self.session.curation
        if curation.pile is None:
            return "-"
        self.window.show_panel("dataset")
        place = self.random.randrange(10)
        panel.wall.go_to(place)
        if self.random.random() < 0.3:
            panel.list.selectAll()
        done = self.trigger("dataset." + self.random.choice(("keep", "keep", "reject", "undecide")))
        self._learnt()
        return f"{place} {done}"

    def do_curate(self) -> str:
        names = ("ask", "keep_best", "reject_rest", "problems", "train", "save_as")
        done = self.trigger("dataset." + self.random.choice(names))
        for dialog in self.window.findChildren(object, "dialog.save_decisions"):
            dialog.reject()
        self._learnt()
        return done

    def _learnt(self) -> None:
        """Everything decided is on the disk, and the ranking has learnt from it."""
        self.wiring.dataset.save_now()
        self._wait(lambda: self.wiring.dataset.idle)

    # training

    def do_train(self) -> str:
        """A run of a few updates, which may be paused and resumed, stopped, or go wrong; then it is over."""
        steps = self.random.choice((2, 3, 5))
        data = self.random.choice((self.world.data, self.world.data, self.world.pile, self.world.bad[0]))
        what = self.random.choice(("watch", "watch", "stop", "look away"))
        self._throw_away()
        self._train(data, steps, what)
        return f"{data.name} {steps} {what}"

    def _train(self, data: Path, steps: int, what: str) -> Path:
        self.trigger("train.start")
        self.settle()
        form = self.window.training.form
        form.set_data(data)
        for name, value in {**TINY, "steps": steps, "objective": self.random.choice(("wgan", "dcgan"))}.items():
            self._fill(form.rows[name].editor, value)
        form.mode.setCurrentIndex(form.mode.findData(False))
        form.follow.setChecked(False)
        self._wait_idle()
        out = Path(form.out.text())
        form.start.click()
        if what == "stop":
            self.wiring.training.service.tell(out, "stop")
        elif what == "look away":
            self.window.docks["training"].close()
        self._over()
        return out

    def do_go_on(self) -> str:
        """An ended run goes on to a later step, in this process."""
        runs = sorted(path for path in runs_folder().glob("*") if (path / "config.json").is_file())
        if not runs:
            return "-"
        run = self.random.choice(runs)
        self.wiring.training.service.resume(run, RunDirectory(run).read_config().train.steps + 2, own_process=False)
        self._over()
        return run.name

    def do_run_page(self) -> str:
        """Look at a run, its charts and its tiles; or take it from the list."""
        entries = sorted(self.session.runs.entries, key=lambda entry: entry.name)
        if not entries:
            return "-"
        self.window.show_panel("training")
        entry = self.random.choice(entries)
        self.wiring.training.run_view.view(entry.path)
        self._wait_idle()
        what = self.random.choice(("charts", "tile", "open", "forget"))
        page = self.window.training.run
        if what == "charts":
            page.charts.smoothing.setValue(self.random.randint(0, 100))
        elif what == "tile":
            page.preview.tile_chosen.emit(0, self.random.randrange(6))
        elif what == "open":
            page.open_requested.emit(entry.path)
        else:
            self.trigger("train.forget")
        self._wait_idle()
        return f"{entry.name} {what}"

    def _fill(self, editor: object, value: object) -> None:
        match editor:
            case QComboBox():
                editor.setCurrentIndex(editor.findData(value))
                editor.activated.emit(editor.currentIndex())
            case QCheckBox():
                editor.setChecked(bool(value))
            case QLineEdit():
                editor.setText(str(value))
                editor.textEdited.emit(str(value))

    def _over(self) -> None:
        self._wait(lambda: not self.wiring.training.service.hosted())
        self._wait_idle()

    def _throw_away(self) -> None:
        """What grows by design would hide what leaks."""
        for run in sorted(path for path in runs_folder().glob("*") if path.is_dir())[:-MAX_RUNS]:
            self.wiring.training.runs.remove(run)
            self._wait_idle()
            shutil.rmtree(run, ignore_errors=True)

    # the timeline

    def do_walk(self) -> str:
        """Go through the checkpoints of the open model's run, follow it, pin stars to it."""
        what = self.random.choice(("open", "open", "earlier", "earlier", "later", "follow", "pin", "page"))
        if what == "open":
            runs = sorted(path for path in runs_folder().glob("*") if (path / "checkpoints").is_dir())
            if not runs:
                return "-"
            run = self.random.choice(runs)
            self.open(run)
            what = f"open {run.name}"
        elif what == "page":
            self.window.show_panel("timeline")
            self.window.timeline.set_page(self.random.choice(PAGES))
        elif what == "follow":
            self.trigger("train.follow")
        else:
            self.trigger(f"timeline.{what}")
        self._wait_idle()
        return what

    # waiting

    def _wait_idle(self) -> None:
        self.settle()

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "what was waited for never came"
            QCoreApplication.processEvents()
            time.sleep(0.005)
        self.settle()


WORK_WEIGHTS = {"pile": 1, "decide": 3, "curate": 2, "train": 1, "go_on": 1, "run_page": 2, "walk": 5}
"""How often each action comes, relative to those of the rest of the window."""
