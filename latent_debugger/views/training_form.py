"""The form for a new run: pictures, a preset, whatever differs from it, a folder, and a button."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gan.config import ModelConfig, Objective, TrainConfig, suited
from gan.presets import DEFAULT_PRESET, PRESETS
from latent_debugger.state.training_fields import MAIN, config_fields
from latent_debugger.state.training_memory import FormMemory
from latent_debugger.state.training_plan import RunPlan, Values, check, preset_values
from latent_debugger.views import theme
from latent_debugger.views.dialog import button
from latent_debugger.views.training_field import FieldRow
from latent_debugger.views.training_flow_layout import Flow
from latent_debugger.views.training_form_parts import captioned, combo, mode_choice, options, preset_choice
from latent_debugger.views.training_where import WhereFields

_COLUMN = 21 * theme.UNIT


class NewRunForm(QWidget):
    """Fills in a :class:`RunPlan`.

    Signals:
        start_requested(plan), command_requested(plan): a RunPlan without mistakes.
        folder_requested(), file_requested(), out_requested(): a path is to be chosen.
        people_requested(size): the built-in pictures are wanted, that many pixels wide.
        changed(): something in it is another now.
    """

    start_requested = Signal(object)
    command_requested = Signal(object)
    folder_requested = Signal()
    file_requested = Signal()
    out_requested = Signal()
    people_requested = Signal(int)
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training.form")
        self.setAccessibleName("New run")
        self._edited: Values = {}
        self._parent_path: Path | None = None
        self._parent_model: ModelConfig | None = None
        self.rows = {field.name: FieldRow(field) for field in config_fields()}
        self.where = WhereFields(5 * _COLUMN // 2)
        self.data, self.out = self.where.data, self.where.out
        self.preset, self.mode = preset_choice(), mode_choice()
        self.parent_choice = combo(
            "training.parent", "Begin with", "Random weights, or go on learning from the open model"
        )
        self.parent_choice.addItem("Random weights", None)
        self.follow = QCheckBox("Show checkpoints")
        self.follow.setObjectName("training.follow")
        self.follow.setToolTip("Show the run's checkpoints on the canvas as they come")
        self.follow.setChecked(True)
        self.follow.setMinimumHeight(26)
        self.start = button("training.start", "Start", "Start the run (Ctrl+Return)")
        self.start.setShortcut("Ctrl+Return")
        self.start.setDefault(True)
        self.command = button("training.command", "Copy command", "Copy the command that starts this run in a shell")
        self.more = QToolButton()
        self._help, self._problem = QLabel(), QLabel()
        self._lay_out()

        self.where.data_changed.connect(self._data_changed)
        self.where.out_changed.connect(self._problem.clear)
        for mine, its in (
            (self.folder_requested, self.where.folder_requested), (self.file_requested, self.where.file_requested),
            (self.out_requested, self.where.out_requested),
        ):  # fmt: skip
            its.connect(mine)
        self.preset.activated.connect(self._preset_chosen)
        self.parent_choice.activated.connect(self._parent_chosen)
        self.mode.activated.connect(self._explain_mode)
        self.mode.currentIndexChanged.connect(self._check_quietly)
        self.follow.toggled.connect(self.changed)
        self.where.people_requested.connect(self._ask_people)
        self.start.clicked.connect(self._start)
        self.command.clicked.connect(self._copy)
        self.more.toggled.connect(self._show_more)
        for row in self.rows.values():
            row.edited.connect(self._field_edited)
            row.explained.connect(self._help.setText)
        self.preset.setCurrentIndex(self.preset.findData(DEFAULT_PRESET))
        self._preset_chosen()
        self._show_more(False)

    # layout

    def _lay_out(self) -> None:
        unit = theme.UNIT
        scroll = self._scroll = QScrollArea(self)
        content = QWidget()
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)  # first: what is filled already is dressed anew for each thing that it is put into
        content.setObjectName("scrollContent")
        column = QVBoxLayout(content)
        column.setContentsMargins(unit, unit // 2, unit, unit)
        column.setSpacing(unit)
        column.addWidget(self.where)
        first = Flow(_COLUMN, 2 * unit, content)
        first.addWidget(captioned("Preset", self.preset))
        first.addWidget(captioned("Begin with", self.parent_choice))
        for name in MAIN:
            first.addWidget(self.rows[name])
        first.addWidget(captioned("Where it runs", self.mode))
        first.addWidget(captioned("Canvas", self.follow))
        column.addWidget(first)
        self.more.setObjectName("training.more")
        self.more.setText("More options")
        self.more.setAccessibleName("More options")
        self.more.setToolTip("Show or hide every other setting")
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self._rest = options([row for name, row in self.rows.items() if name not in MAIN], _COLUMN, content)
        column.addWidget(self._rest)
        column.addStretch(1)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._help.setObjectName("training.help")
        self._help.setProperty("quiet", True)
        self._help.setWordWrap(True)
        self._help.setContentsMargins(unit, unit // 2, unit, 0)
        self._problem.setObjectName("training.problem")
        self._problem.setProperty("problem", True)
        foot = QHBoxLayout()
        foot.setContentsMargins(unit, unit // 2, unit, unit)
        foot.setSpacing(unit)
        foot.addWidget(self._problem, 1)
        foot.addWidget(self.command)
        foot.addWidget(self.start)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        whole.addWidget(self._help)
        whole.addLayout(foot)

    # setters

    def set_places(self, runs_folder: Path, taken: set[str]) -> None:
        """Where runs go by default, and the names that are used there."""
        self.where.set_places(runs_folder, taken)

    def set_data(self, path: Path) -> None:
        """Train on these pictures."""
        self.data.setText(str(path))

    def set_out_folder(self, folder: Path) -> None:
        """Make the run's folder in ``folder``."""
        self.where.set_out_folder(folder)

    def set_parent_model(self, path: Path | None, title: str = "", model: ModelConfig | None = None) -> None:
        """What may be fine-tuned: the open checkpoint and its networks, or nothing."""
        chosen = self._parent_path is not None
        while self.parent_choice.count() > 1:
            self.parent_choice.removeItem(1)
        self._parent_model = model
        if path is not None and model is not None:
            self.parent_choice.addItem(title, path)
        self.parent_choice.setCurrentIndex(1 if chosen and self.parent_choice.count() > 1 else 0)
        self._parent_chosen()

    def fine_tune(self) -> bool:
        """Begin with the open model; False where nothing is known of it (yet)."""
        self.parent_choice.setCurrentIndex(self.parent_choice.count() - 1)
        self._parent_chosen()
        return self._parent_path is not None

    def set_data_problem(self, text: str) -> None:
        """Say at the field what is wrong with the pictures, and go there; empty when nothing is."""
        self.where.set_problem(self.data, text)
        if text and self.isVisible():
            self._go_to([self.data])

    def set_out_problem(self, text: str) -> None:
        """Say at the field why the run cannot go to that folder, and go there."""
        self.where.set_out_problem(text)
        if self.isVisible():
            self._go_to([self.out])

    def begin(self) -> None:
        """Show it from the top, the cursor in the first field with a problem, or in the first of all."""
        self._scroll.verticalScrollBar().setValue(0)
        self._explain_preset()  # not the field that had the cursor last time
        rows = [*(self.rows[name] for name in MAIN), *(row for name, row in self.rows.items() if name not in MAIN)]
        wrong = [field for field in (self.data, self.out) if self.where.problems[field].text()]
        self._go_to([*wrong, *(row.editor for row in rows if row.problem), self.data])

    def memory(self) -> FormMemory:
        """What is worth finding again after a restart."""
        own, follow = bool(self.mode.currentData()), self.follow.isChecked()
        return FormMemory(self.data.text().strip(), self.preset.currentData(), dict(self._edited), own, follow)

    def restore(self, memory: FormMemory) -> None:
        """Show what was there before the restart, except where there is something new already."""
        if not self._edited:
            self._edited = dict(memory.edited)
            self.preset.setCurrentIndex(self.preset.findData(memory.preset))
            self.mode.setCurrentIndex(self.mode.findData(memory.own_process))
            self.follow.setChecked(memory.follow)
            self._preset_chosen()
        if not self.data.text():
            self.data.setText(memory.data)

    def set_drawing(self, drawing: bool) -> None:
        """Whether the built-in pictures are being drawn."""
        self.where.people.setEnabled(not drawing)

    # values

    def values(self) -> Values:
        """What every field shows."""
        return {name: row.value() for name, row in self.rows.items()}

    def plan(self) -> RunPlan | None:
        """The run, or None where something is wrong or missing, which is then said at its field."""
        model, train, wrong = self._checked()
        for name, row in self.rows.items():
            row.set_problem(wrong.get(name, ""))
        paths = self.where.wrong()
        self._tell(wrong, paths)
        if paths:
            self.where.look_requested.emit()  # whatever was wrong may be mended by now: look again
        if wrong or paths:
            self._go_to([*paths, *(self.rows[name].editor for name in wrong if name in self.rows)])
            return None
        return RunPlan(
            data=Path(self.data.text().strip()).expanduser().absolute(),
            out=Path(self.out.text().strip()).expanduser().absolute(),
            model=model,
            train=train,
            preset=self.preset.currentData(),
            parent=self._parent_path,
            own_process=bool(self.mode.currentData()),
            follow=self.follow.isChecked(),
        )

    def _checked(self) -> tuple[ModelConfig, TrainConfig, dict[str, str]]:
        return check(self.values(), own_process=bool(self.mode.currentData()))

    def _tell(self, wrong: dict[str, str], paths: list[QLineEdit]) -> None:
        names = {self.data: "The pictures", self.out: "The run folder"}
        texts = [
            f"{names[field]} cannot be used." if field.text().strip() else self.where.problems[field].text()
            for field in paths
        ]
        texts += [wrong[""]] if "" in wrong else []
        count = len(wrong)
        texts += [f"{count} value{'s are' if count > 1 else ' is'} wrong."] if count else []
        self._problem.setText(" ".join(texts[:1]))

    def _go_to(self, fields: list[QWidget]) -> None:
        if fields:
            if self._rest.isAncestorOf(fields[0]):
                self.more.setChecked(True)
            self._scroll.ensureWidgetVisible(fields[0])
            fields[0].setFocus(Qt.FocusReason.OtherFocusReason)

    # what the user does

    @Slot()
    def _preset_chosen(self) -> None:
        self._explain_preset()
        self._show_base()

    def _explain_preset(self) -> None:
        self._help.setText(f"{self.preset.currentText()}: {PRESETS[self.preset.currentData()].about}")

    @Slot()
    def _explain_mode(self) -> None:
        self._help.setText(self.mode.currentData(Qt.ItemDataRole.ToolTipRole))
        self.changed.emit()

    def _show_base(self) -> None:
        """The preset's values, except where the user or the model to begin with says otherwise."""
        objective = self._edited.get("objective")
        base = preset_values(self.preset.currentData(), None if objective is None else str(objective))
        parent = self._parent_model if self._parent_path else None
        theirs: Values = {} if parent is None else suited(parent, cast(Objective, base["objective"]))
        fixed = theirs.keys() - {"norm"}
        for name, row in self.rows.items():
            edited = name in self._edited and name not in fixed
            row.set_value(self._edited[name] if edited else theirs.get(name, base[name]))
            row.set_edited(edited)
            row.setEnabled(name not in fixed)
        self._check_quietly()
        self.changed.emit()

    @Slot(str)
    def _field_edited(self, name: str) -> None:
        self._edited[name] = self.rows[name].value()
        self.rows[name].set_edited(True)
        if name == "objective":
            self._show_base()
        self._check_quietly()
        self.changed.emit()

    @Slot()
    def _check_quietly(self) -> None:
        _, _, wrong = self._checked()
        for name, row in self.rows.items():
            row.set_problem(wrong.get(name, ""))
        self._problem.clear()

    @Slot()
    def _parent_chosen(self) -> None:
        self._parent_path = self.parent_choice.currentData()
        self._show_base()

    @Slot()
    def _data_changed(self) -> None:
        self._problem.clear()
        self.changed.emit()

    @Slot(bool)
    def _show_more(self, on: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self._rest.setVisible(on)
        if on:  # once it has its place
            QTimer.singleShot(0, self, self._scroll_to_rest)

    @Slot()
    def _scroll_to_rest(self) -> None:
        self._scroll.verticalScrollBar().setValue(self.more.y())
        focus = self.focusWidget()
        if focus is not None and self._rest.isAncestorOf(focus):
            self._scroll.ensureWidgetVisible(focus)

    @Slot()
    def _ask_people(self) -> None:
        size = self.rows["image_size"].value()
        self.people_requested.emit(size)

    @Slot()
    def _start(self) -> None:
        plan = self.plan()
        if plan is not None:
            self.where.suggest_again()
            self.start_requested.emit(plan)

    @Slot()
    def _copy(self) -> None:
        plan = self.plan()
        if plan is not None:
            self.command_requested.emit(plan)
