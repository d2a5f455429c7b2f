"""The film: the latent on the canvas, and the pinned stars, under every checkpoint of the open model's run."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QImage

from latent_debugger.errors import UserError
from latent_debugger.services.film import FilmService, Picture, Shot
from latent_debugger.services.film_samples import Sheet, read_sheet
from latent_debugger.services.timeline import ReelSource
from latent_debugger.services.worker import Worker
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import Origin
from latent_debugger.state.lru import Lru
from latent_debugger.state.session import Session
from latent_debugger.state.timeline import MAX_PINNED, Reel, Stage
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.timeline_model import CURRENT, FilmRow
from latent_debugger.wiring.models import ModelFlow
from latent_debugger.wiring.timeline_export import TimelineExportFlow
from latent_debugger.wiring.timeline_steps import StepFlow

SOON_MS = 40
"""Between a change and the pictures being asked for: a drag of a slider is many changes."""
SHEETS_BYTES = 64 << 20
NO_SAMPLES = "This run wrote no samples at step {:,}."
NOT_A_RUN = "Samples are kept in run directories. Open one with File > Open run."


class TimelineFlow(QObject):
    """Connects the timeline panel. While the panel is out of view nothing is read, drawn or kept waiting.

    Attributes:
        steps: goes to checkpoints.
        film: draws the frames.
    """

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
        self._window, self._session, self._source = window, session, source
        self._editor, self._files = editor, files
        self._panel, self._state = window.timeline, session.timeline
        self.film = FilmService(self)
        self.steps = StepFlow(window, session, models, source, editor, files)
        self._export = TimelineExportFlow(window, session, source, self.rows)
        self._active = False
        self._compared: dict[Shot, QImage] = {}
        self._sheets: Lru[Stage, Sheet] = Lru(SHEETS_BYTES)
        self._sheet: Stage | None = None  # the one that is, or will be, on the wall
        self._stages: dict[int, Stage] = {}  # by step: those that the film shows
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self._ask)
        self._connect()

    def _connect(self) -> None:
        panel, session, actions = self._panel, self._session, self._window.action_map
        exports = [actions["timeline.export_strip"], actions["timeline.export_gif"]]
        panel.add_actions(actions["train.follow"], actions["timeline.pin"], exports)
        panel.compare.set_canvas(self._window.canvas)
        panel.activated.connect(self._activate)
        panel.stage_chosen.connect(self._go)
        panel.frame_opened.connect(self._open_frame)
        panel.unpin_requested.connect(self._unpin)
        panel.page_changed.connect(self._later)
        panel.strip.range_changed.connect(self._later)
        panel.compare.changed.connect(self._later)
        panel.wall.tile_chosen.connect(self.steps.go_to_sample)
        self._source.changed.connect(self._show_reel)
        self.steps.settled.connect(self._show_place)
        self.film.ready.connect(self._show_picture)
        session.model_changed.connect(self._model_changed)
        session.latent.changed.connect(self._latent_changed)
        self._state.changed.connect(self._later)
        self._state.changed.connect(self._show_followed)
        for signal in (session.library.removed, session.library.updated, session.library.inserted):
            signal.connect(self._stars_changed)
        session.library.reset.connect(self._stars_changed)
        actions["timeline.pin"].triggered.connect(self._pin)
        self._window.bookmarks.selection_changed.connect(self._show_pin)
        self._window.bookmarks.list.addAction(actions["timeline.pin"])
        self._show_pin(())
        self._show_followed()

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until every frame that is wanted is there; False after ``timeout_s`` seconds."""
        if self._soon.isActive():
            self._soon.stop()
            self._ask()
        return self.film.wait_idle(timeout_s) and self._export.wait_idle(timeout_s)

    def stop(self) -> None:
        """Draw no more."""
        self._active = False
        self._soon.stop()
        self._export.stop()
        self.film.stop()

    def rows(self) -> list[FilmRow]:
        """What is shown under every checkpoint: the latent on the canvas, then the pinned stars it could be."""
        latent = self._session.latent
        if not latent.dim:
            return []
        pinned = self._session.library.find(self._state.pinned)
        stars = [FilmRow(star.id, star.name, star.z) for star in pinned if star.dim == latent.dim]
        return [FilmRow(CURRENT, "Canvas", z_bytes(latent.z)), *stars]

    # what changes

    @Slot(bool)
    def _activate(self, active: bool) -> None:
        self._active = active
        self._source.want("timeline", active)
        if active:
            self._show_reel(self._source.reel)
        else:
            self._soon.stop()
            self.film.want(())

    @Slot(object)
    def _show_reel(self, reel: Reel | None) -> None:
        if self._active:
            self._panel.set_reel(reel, self.steps.place)
            self._forget_replaced(reel)
            self._later()

    def _forget_replaced(self, reel: Reel | None) -> None:
        """Frames of a checkpoint whose file is another one now; it may have been a half one while it was copied."""
        before, self._stages = self._stages, {stage.step: stage for stage in reel.stages} if reel is not None else {}
        replaced = [step for step, stage in self._stages.items() if before.get(step, stage) != stage]
        if replaced:
            self.film.want(())  # a frame on its way may be of the file before
            for step in replaced:
                self._panel.film.forget(step)

    @Slot()
    def _model_changed(self) -> None:
        if self._active:
            self._show_place()

    @Slot()
    @Slot(object)
    def _show_followed(self, _: object = None) -> None:
        self._panel.set_followed(self._state.follow)

    @Slot()
    def _show_place(self) -> None:
        if self._active:
            self._panel.show_position(self.steps.place)
            self._later()

    @Slot(object)
    def _latent_changed(self, _: object) -> None:
        self._later()

    @Slot()
    @Slot(object)
    def _stars_changed(self, _: object = None) -> None:
        if self._state.pinned:
            self._later()

    @Slot()
    @Slot(object)
    def _later(self, _: object = None) -> None:
        if self._active and not self._soon.isActive():
            self._soon.start()

    # pictures

    @Slot()
    def _ask(self) -> None:
        """Ask for what is in view, and for nothing else."""
        reel = self._source.reel
        if not self._active or reel is None or not reel.stages:
            return
        page, shots = self._panel.page, []
        if page == "film":
            shots = list(self._film_shots(reel))
        elif page == "compare":
            shots = self._compare_shots(reel)
        else:
            self._show_sheet(reel)
        self.film.want(shots)

    def _film_shots(self, reel: Reel) -> Iterable[Shot]:
        """The frames in view that are missing: those nearest to the checkpoint on the canvas first."""
        panel = self._panel
        panel.film.set_rows(self.rows())
        first, last = panel.strip.columns_in_view()
        middle = min(max(self.steps.place, first), last)
        for column in sorted(range(first, last + 1), key=lambda column: abs(column - middle)):
            for row in panel.film.missing(column):
                yield Shot(reel.stages[column].path, row.z)

    def _compare_shots(self, reel: Reel) -> list[Shot]:
        steps = self._panel.compare.steps
        z = z_bytes(self._session.latent.z)
        rows = [reel.row_of(step) for step in steps] if steps is not None else []
        if not rows or min(rows) < 0:
            return []
        shots = [Shot(reel.stages[row].path, z) for row in rows]
        self._compared = {shot: self._compared.get(shot, QImage()) for shot in shots}
        for shot in shots:
            image = self.film.picture(shot)
            if image is not None:
                self._compared[shot] = to_qimage(image)
        self._panel.compare.set_pictures(*(self._compared[shot] for shot in shots))
        return list(dict.fromkeys(shots))

    @Slot(object)
    def _show_picture(self, picture: Picture) -> None:
        reel, panel, shot = self._source.reel, self._panel, picture.shot
        if reel is None:
            return
        step = next((stage.step for stage in reel.stages if stage.path == shot.path), None)
        if step is not None and panel.page == "film":
            remark = "damaged" if picture.image is None else ""
            for row in panel.film.rows:
                if row.z == shot.z:
                    panel.film.set_frame(row.key, step, shot.z, picture.image, remark)
        elif shot in self._compared and picture.image is not None:
            self._compared[shot] = to_qimage(picture.image)
            self._compare_shots(reel)

    # samples

    def _show_sheet(self, reel: Reel) -> None:
        """The samples of the checkpoint on the canvas."""
        wall, place = self._panel.wall, self.steps.place
        stage = reel.sample(reel.stages[place].step) if place >= 0 else None
        if stage is None:
            self._sheet = None
            step = reel.stages[place].step if place >= 0 else 0
            wall.clear(NO_SAMPLES.format(step) if reel.samples else NOT_A_RUN)
            return
        if stage == self._sheet and wall.step == stage.step:
            return
        self._sheet = stage
        known = self._sheets.get(stage)
        if known is not None:
            wall.set_sheet(known.step, known.tiles)
            return

        def done(sheet: Sheet) -> None:
            self._sheets.put(stage, sheet, sheet.tiles.nbytes)
            if stage == self._sheet:
                wall.set_sheet(sheet.step, sheet.tiles)

        def failed(error: UserError) -> None:
            if stage == self._sheet:
                wall.clear(str(error))

        self._files.submit(read_sheet, stage.path, stage.step, done=done, failed=failed)

    # what the user wants

    @Slot(int)
    def _go(self, row: int) -> None:
        reel = self._source.reel
        if reel is not None and 0 <= row < len(reel.stages):
            self.steps.go(reel.stages[row])
            self._panel.show_position(self.steps.place)

    @Slot(int, int)
    def _open_frame(self, row: int, column: int) -> None:
        reel, rows = self._source.reel, self._panel.film.rows
        if reel is None or not 0 <= column < len(reel.stages) or not 0 <= row < len(rows):
            return
        star = self._session.library.get(rows[row].key)
        if star is None:
            self.steps.go(reel.stages[column])
            return
        origin = Origin(seed=star.seed, parent=star.id)
        self.steps.go(reel.stages[column], lambda: self._editor.go_to(star.latent, origin, f"go to {star.name}"))

    @Slot()
    def _pin(self) -> None:
        ids = self._window.bookmarks.selected()
        library = self._session.library
        self._state.forget_pins(item.id for item in library.bookmarks())
        if not self._state.toggle_pins(ids):
            self._window.messages.show_info(f"The timeline has room for {MAX_PINNED} stars; unpin some first.")
            return
        pinned = [id_ for id_ in ids if id_ in self._state.pinned]
        self._window.messages.show_info(_told(len(ids), bool(pinned)))

    @Slot(object)
    def _unpin(self, star: str) -> None:
        if star in self._state.pinned:
            self._state.toggle_pins((star,))

    @Slot(object)
    def _show_pin(self, ids: object) -> None:
        self._window.action_map["timeline.pin"].setEnabled(bool(ids))


def _told(n: int, pinned: bool) -> str:
    stars = "The star is" if n == 1 else f"{n} stars are"
    return f"{stars} on the timeline now (Ctrl+5)." if pinned else f"{stars} no longer on the timeline."
