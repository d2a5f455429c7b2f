"""Going through the checkpoints of a run: one is loaded at a time, and of those asked for meanwhile the newest wins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gan.errors import UserError
from latent_debugger.services.film_samples import Sample, read_sample
from latent_debugger.services.timeline import ReelSource
from latent_debugger.services.worker import Worker
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import Origin
from latent_debugger.state.session import Session
from latent_debugger.state.timeline import Stage
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.models import ModelFlow

Then = Callable[[], object]
EXPECT_MS = 150
"""After the last step: a drag of the scrubber does not want its neighbours."""

NOT_FOLLOWED = "Follow is off: the canvas stays at this step."


class StepFlow(QObject):
    """Shows the checkpoints that the user asks for on the canvas."""

    settled = Signal()
    """Nothing is on its way any more."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        models: ModelFlow,
        source: ReelSource,
        editor: LatentEditor,
        files: Worker,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._models = window, session, models
        self._source, self._editor, self._files = source, editor, files
        self._in_hand: Stage | None = None
        self._next: tuple[Stage, Then | None] | None = None
        self._damaged: set[Stage] = set()
        self._ahead = 1  # where the user is going: to later checkpoints, or to earlier ones (-1)
        self._expect = QTimer(self)
        self._expect.setSingleShot(True)
        self._expect.setInterval(EXPECT_MS)
        self._expect.timeout.connect(self._expect_next)
        window.action_map["timeline.earlier"].triggered.connect(self._earlier)
        window.action_map["timeline.later"].triggered.connect(self._later)

    def go(self, stage: Stage, then: Then | None = None) -> None:
        """Show a checkpoint under the latent on the canvas; ``then()`` is called once it is there.

        Whoever goes back in time wants to stay there: Follow is switched off, and that is said.
        """
        reel = self._source.reel
        earlier = reel is not None and any(stage.path == other.path for other in reel.stages[:-1])
        if earlier and self._session.timeline.follow:
            self._session.timeline.set_follow(False)
            self._window.messages.show_offer(NOT_FOLLOWED, "Follow again", self._follow_again)
        model = self._session.model
        if model is not None and model.step != stage.step:
            self._ahead = 1 if stage.step > model.step else -1
        self._next = (stage, then)
        self._start()

    def _follow_again(self) -> None:
        action = self._window.action_map["train.follow"]
        if not action.isChecked():
            action.trigger()

    @property
    def place(self) -> int:
        """The row of the checkpoint that is on the canvas, or is about to be; -1 where it is none of the run's."""
        reel, model = self._source.reel, self._session.model
        if reel is None or model is None:
            return -1
        if self._next is not None or self._in_hand is not None:
            stage = self._next[0] if self._next is not None else self._in_hand
            return reel.row_of(stage.step) if stage is not None else -1
        row = reel.row_of(model.step)
        return row if row < 0 or reel.stages[row].path == model.path else -1

    @Slot(object, object)
    def go_to_sample(self, step: int, index: int) -> None:
        """Go to the latent of a sample of the open model's run, under the checkpoint of that step."""
        if self._source.reel is not None:
            self.open_sample(self._source.reel.folder, step, index)

    @Slot(object, object, object)
    def open_sample(self, folder: Path, step: int, index: int) -> None:
        """The same for any run directory. Where the checkpoint is no longer kept, the open model draws the latent."""

        def done(sample: Sample) -> None:
            self._show_sample(sample, index)

        self._files.submit(read_sample, folder, step, index, done=done, failed=self._fail)

    def _show_sample(self, sample: Sample, index: int) -> None:
        def go() -> None:
            try:
                self._editor.go_to(sample.z, Origin(), f"go to sample {index + 1}")
            except UserError as error:
                self._fail(error)

        model = self._session.model
        if sample.checkpoint is not None:
            self.go(sample.checkpoint, go)
        elif model is not None:
            self._window.messages.show_info(
                f"The checkpoint of step {sample.step:,} is no longer kept; "
                f"this is the sample's latent under step {model.step:,}."
            )
            go()

    def _start(self) -> None:
        if self._in_hand is not None or self._next is None:
            return
        (stage, then), self._next = self._next, None
        model = self._session.model
        if model is not None and model.path == stage.path and model.step == stage.step:
            if then is not None:
                then()
            self.settled.emit()
            return

        def done(error: UserError | None) -> None:
            self._in_hand = None
            model = self._session.model
            if error is not None:
                self._damaged.add(stage)
                self._fail(error)
            elif then is not None and model is not None and model.path == stage.path:
                then()
            self._start()
            if self._in_hand is None:
                self._expect.start()
                self.settled.emit()

        self._in_hand = stage
        self._models.show_step(stage.path, done)

    @Slot()
    def _expect_next(self) -> None:
        """Whoever walks from step to step should not wait for the next one."""
        reel, place = self._source.reel, self.place
        if reel is None or place < 0 or self._in_hand is not None:
            return
        rows = [row for row in (place + self._ahead, place + 2 * self._ahead) if 0 <= row < len(reel.stages)]
        self._models.expect_steps([reel.stages[row].path for row in rows if reel.stages[row] not in self._damaged])

    @Slot()
    def _earlier(self) -> None:
        self._walk(-1)

    @Slot()
    def _later(self) -> None:
        self._walk(1)

    def _walk(self, by: int) -> None:
        reel, model = self._source.reel, self._session.model
        if reel is None or model is None or not reel.stages:
            self._window.show_panel("timeline")  # which finds the run
            return
        place = self.place
        row = place + by if place >= 0 else reel.nearest(model.step) + (by > 0)
        while 0 <= row < len(reel.stages) and reel.stages[row] in self._damaged:
            row += by  # one could not get past it otherwise
        if 0 <= row < len(reel.stages):
            self.go(reel.stages[row])

    def _fail(self, error: UserError) -> None:
        self._window.messages.show_error(error)
