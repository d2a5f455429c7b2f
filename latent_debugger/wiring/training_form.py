"""The form for a new run: paths that are chosen, the built-in pictures, the open model to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from gan.config import ModelConfig
from gan.errors import UserError
from latent_debugger.services.progress import CancelledError, Progress
from latent_debugger.services.training_pictures import check_place, draw_people, glance, model_of
from latent_debugger.services.training_process import start_arguments
from latent_debugger.services.worker import Worker
from latent_debugger.state.session import Session
from latent_debugger.state.training_memory import FormMemory, form_path
from latent_debugger.state.training_plan import RunPlan
from latent_debugger.views import file_dialogs
from latent_debugger.views.main_window import MainWindow
from latent_debugger.views.progress_dialog import ProgressDialog

GLANCE_MS = 300
"""After the last letter of a path, before it is looked at."""
KEEP_MS = 2000
"""What is in the form is on the disk at most so much later."""


class RunFormFlow(QObject):
    """Fills in the form; what it makes is started by :class:`latent_debugger.wiring.training.TrainingFlow`."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._session, self._panel = window, session, window.training
        self._worker = Worker("run form", self, trouble="The pictures could not be drawn.")
        self._drawing: tuple[Progress, ProgressDialog] | None = None
        self._wants_parent = False
        self._kept = FormMemory()
        self._keep, self._glance, self._glance_out = QTimer(self), QTimer(self), QTimer(self)
        for timer, interval, slot in (
            (self._keep, KEEP_MS, self._save), (self._glance, GLANCE_MS, self._look_at_data),
            (self._glance_out, GLANCE_MS, self._look_at_out),
        ):  # fmt: skip
            timer.setSingleShot(True)
            timer.setInterval(interval)
            timer.timeout.connect(slot)
        self._panel.built.connect(self._connect)
        session.model_changed.connect(self._model_changed)

    @Slot()
    def _connect(self) -> None:
        form = self._panel.form
        form.command_requested.connect(self._copy_command)
        form.folder_requested.connect(self._choose_folder)
        form.file_requested.connect(self._choose_file)
        form.out_requested.connect(self._choose_place)
        form.people_requested.connect(self._draw_people)
        form.where.data_changed.connect(self._glance.start)
        form.where.out_changed.connect(self._glance_out.start)
        form.where.look_requested.connect(self._glance.start)
        form.where.look_requested.connect(self._glance_out.start)
        form.changed.connect(self._keep.start)
        self._worker.submit(FormMemory.recover, form_path(), "The form for new runs", done=self._restore)
        self._model_changed()

    def fine_tune(self) -> None:
        """Begin with the open model, as soon as its file has been read."""
        self._wants_parent = not self._panel.form.fine_tune()

    def wait_idle(self, timeout_s: float) -> bool:
        """Block until everything is read and drawn; False after ``timeout_s`` seconds."""
        return self._worker.wait_idle(timeout_s)

    def stop(self) -> None:
        """Give up what is being drawn, keep what is in the form, end the thread."""
        self._cancel_drawing()
        self._glance.stop()
        self._glance_out.stop()
        if self._keep.isActive():
            self._save()
        self._worker.stop()

    @Slot()
    def _model_changed(self) -> None:
        """The open model may be fine-tuned: its networks are read for the form."""
        model = self._session.model
        if not self._panel.is_built:
            return
        form = self._panel.form
        if model is None or not model.trainable:
            form.set_parent_model(None)
            return
        title = f"{model.name}, step {model.step:,}"

        def done(config: ModelConfig) -> None:
            if self._session.model is not None and self._session.model.path == model.path:
                form.set_parent_model(model.path, title, config)
                if self._wants_parent:
                    self._wants_parent = not form.fine_tune()

        self._worker.submit(model_of, model.path, done=done, failed=self._fail)

    # what was in it, and whether that is there

    def _restore(self, found: tuple[FormMemory, str]) -> None:
        memory, lost = found
        self._kept = memory
        self._panel.form.restore(memory)
        if lost:
            self._window.messages.show_notice(lost)

    @Slot()
    def _save(self) -> None:
        self._keep.stop()
        memory = self._panel.form.memory()
        if memory != self._kept:
            self._kept = memory
            self._worker.submit(memory.save, form_path(), failed=self._fail)

    @Slot()
    def _look_at_data(self) -> None:
        """A path that leads nowhere is told at its field, before anybody presses Start."""
        form, text = self._panel.form, self._panel.form.data.text()
        if not text.strip():
            return

        def wrong(error: UserError) -> None:
            if form.data.text() == text:
                form.where.set_problem(form.data, str(error))

        def fine(_: object) -> None:
            if form.data.text() == text:
                form.where.set_problem(form.data, "")

        self._worker.submit(glance, Path(text.strip()).expanduser(), done=fine, failed=wrong)

    @Slot()
    def _look_at_out(self) -> None:
        """A folder that holds a run already is told at its field, too."""
        form, text = self._panel.form, self._panel.form.out.text()
        if not text.strip():
            return
        out = Path(text.strip()).expanduser().absolute()

        def wrong(error: UserError) -> None:
            if form.out.text() == text:
                form.where.set_taken(out, str(error))

        def fine(_: object) -> None:
            if form.out.text() == text:
                form.where.set_problem(form.out, "")

        self._worker.submit(check_place, out, done=fine, failed=wrong)

    @Slot()
    def _choose_folder(self) -> None:
        self._choose_data(file_dialogs.open_pictures(self._window, Path.home()))

    @Slot()
    def _choose_file(self) -> None:
        self._choose_data(file_dialogs.open_picture_file(self._window, Path.home()))

    def _choose_data(self, dialog: QFileDialog) -> None:
        dialog.fileSelected.connect(lambda name: self._panel.form.set_data(Path(name)))
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot()
    def _choose_place(self) -> None:
        dialog = file_dialogs.run_place(self._window, Path.home())
        dialog.fileSelected.connect(lambda name: self._panel.form.set_out_folder(Path(name)))
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot(object)
    def _copy_command(self, plan: RunPlan) -> None:
        QGuiApplication.clipboard().setText(shlex.join(["python", "-m", "gan", *start_arguments(plan)]))
        self._window.messages.show_info("The command is on the clipboard; it starts the same run in any shell.")

    @Slot(int)
    def _draw_people(self, size: int) -> None:
        if self._drawing is not None:
            return
        progress, shown = Progress(self), ProgressDialog("Drawing 6,000 people…", self._window)
        progress.advanced.connect(shown.advance)
        shown.canceled.connect(self._cancel_drawing)
        self._drawing = progress, shown
        self._panel.form.set_drawing(True)
        self._worker.submit(draw_people, size, progress, done=self._people_drawn, failed=self._people_failed)

    @Slot()
    def _cancel_drawing(self) -> None:
        if self._drawing is not None:
            self._drawing[0].cancel()

    def _people_drawn(self, folder: Path) -> None:
        self._end_drawing()
        self._panel.form.set_data(folder)

    def _people_failed(self, error: UserError) -> None:
        self._end_drawing()
        if isinstance(error, CancelledError):
            self._window.messages.show_info(str(error))
        else:
            self._fail(error)

    def _end_drawing(self) -> None:
        if self._drawing is not None:
            progress, shown = self._drawing
            self._drawing = None
            shown.finish()
            progress.deleteLater()
            self._panel.form.set_drawing(False)

    def _fail(self, error: UserError) -> None:
        self._window.messages.show_error(error)
