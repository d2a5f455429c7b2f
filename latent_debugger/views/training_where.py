"""Where the pictures of a new run are, and where the run goes: two paths, each with what is wrong with it below."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from latent_debugger.state.training_plan import free_name
from latent_debugger.views import theme
from latent_debugger.views.dialog import button
from latent_debugger.views.training_field import mark_wrong
from latent_debugger.views.training_flow_layout import Flow
from latent_debugger.views.training_form_parts import captioned, line, path_field, problem_label


class WhereFields(QWidget):
    """Two paths.

    Signals:
        folder_requested(), file_requested(), out_requested(): a path is to be chosen.
        people_requested(): the built-in pictures are wanted.
        data_changed(): there are other pictures now, of which nothing wrong is known yet.
        out_changed(): the run goes elsewhere now, of which nothing wrong is known yet.
        look_requested(): what is known to be wrong with either may be mended by now.

    Args:
        column: width in pixels that a path wants.
    """

    folder_requested = Signal()
    file_requested = Signal()
    out_requested = Signal()
    people_requested = Signal()
    data_changed = Signal()
    out_changed = Signal()
    look_requested = Signal()

    def __init__(self, column: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs_folder = Path()
        self._taken: set[str] = set()
        self._found_taken: set[Path] = set()
        self._out_is_mine = True
        self.data = path_field("training.data", "Pictures", "Folder, .zip, images.npy or manifest (.jsonl)")
        self.out = path_field("training.out", "Run folder", "Where the run is kept; it must not hold one yet")
        self.people = button("training.people", "Draw 6,000 people", "Draw the built-in pictures of people")
        self.problems = {field: problem_label(f"{field.objectName()}.problem") for field in (self.data, self.out)}
        choose = button("training.out.choose", "Choose…", "Choose the folder the run's own folder is made in")
        flow = Flow(column, 2 * theme.UNIT)
        flow.addWidget(
            captioned("Pictures", line(self.data, self._choose_button(), self.people), self.problems[self.data])
        )
        flow.addWidget(captioned("Run folder", line(self.out, choose), self.problems[self.out]))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(flow)
        self.data.textChanged.connect(self._data_changed)
        self.out.textChanged.connect(self._out_changed)
        self.out.textEdited.connect(self._out_edited)
        self.people.clicked.connect(self._ask_people)
        choose.clicked.connect(self._ask_out)

    def _choose_button(self) -> QPushButton:
        menu = QMenu(self)
        for text, signal in (("Folder…", self.folder_requested), ("File (.zip, .npy, .jsonl)…", self.file_requested)):
            action = QAction(text, menu)
            action.triggered.connect(signal)
            menu.addAction(action)
        made = button(
            "training.data.choose", "Choose", "Choose a folder of pictures, or a file that holds or lists them"
        )
        made.setMenu(menu)
        return made

    def set_places(self, runs_folder: Path, taken: set[str]) -> None:
        """Where runs go by default, and the names that are used there."""
        self._runs_folder, self._taken = runs_folder, taken
        self._suggest_out()

    def set_out_folder(self, folder: Path) -> None:
        """Make the run's folder in ``folder``."""
        self._out_is_mine = False
        self.out.setText(str(folder / (Path(self.out.text()).name or "run")))

    def suggest_again(self) -> None:
        """The folder on show is taken: another is suggested for the next run."""
        self._out_is_mine = True

    def set_taken(self, folder: Path, text: str) -> None:
        """There is a run in ``folder`` already, as ``text`` says: a suggestion is replaced by another, and what the
        user named is told."""
        if self._out_is_mine:
            self._found_taken.add(folder)
            self._suggest_out()
        else:
            self.set_problem(self.out, text)

    def set_out_problem(self, text: str) -> None:
        """Say what is wrong with the run's folder, which stays as it is until the user names another."""
        self._out_is_mine = False
        self.set_problem(self.out, text)

    def set_problem(self, field: QLineEdit, text: str) -> None:
        """Say what is wrong with a path; empty when nothing is."""
        self.problems[field].setText(text)
        self.problems[field].setVisible(bool(text))
        mark_wrong(field, bool(text))

    def wrong(self) -> list[QLineEdit]:
        """The fields that are empty, or of which something wrong is known; that is said below them."""
        for field, text in ((self.data, "Choose pictures first."), (self.out, "Name a folder for the run.")):
            if not field.text().strip():
                self.set_problem(field, text)
        return [field for field in (self.data, self.out) if self.problems[field].text()]

    @Slot()
    def _data_changed(self) -> None:
        self.set_problem(self.data, "")
        self._suggest_out()
        self.data_changed.emit()

    @Slot()
    def _out_edited(self) -> None:
        self._out_is_mine = not self.out.text().strip()

    @Slot()
    def _out_changed(self) -> None:
        self.set_problem(self.out, "")
        self.out_changed.emit()

    def _suggest_out(self) -> None:
        if self._out_is_mine and self.data.text().strip():
            data = Path(self.data.text().strip())
            stem = data.parent.name if data.name == "images.npy" else data.name.partition(".")[0] or data.name
            taken = self._taken | {path.name for path in self._found_taken if path.parent == self._runs_folder}
            self.out.setText(str(self._runs_folder / free_name(stem, taken)))

    @Slot()
    def _ask_people(self) -> None:
        self.people_requested.emit()

    @Slot()
    def _ask_out(self) -> None:
        self.out_requested.emit()
