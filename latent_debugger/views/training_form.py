"""The form for a new run: pictures, a preset, whatever differs from it, a folder, and a button."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gan.config import ModelConfig
from gan.presets import DEFAULT_PRESET, PRESETS
from latent_debugger.state.training_fields import MAIN, config_fields
from latent_debugger.state.training_plan import RunPlan, Values, check, free_name, preset_values
from latent_debugger.views import theme
from latent_debugger.views.dialog import button
from latent_debugger.views.training_field import FieldRow, mark_wrong
from latent_debugger.views.training_flow_layout import Flow
from latent_debugger.views.training_form_parts import captioned, combo, line, path_field

_COLUMN = 21 * theme.UNIT
_MODES = (
    ("Separate process", True, "Separate process: the run goes on when the window closes, and is found again."),
    ("This process", False, "This process: the run ends with the window, which saves it first."),
)


class NewRunForm(QWidget):
    """Fills in a :class:`RunPlan`.

    Signals:
        start_requested(plan), command_requested(plan): a RunPlan without mistakes.
        folder_requested(), file_requested(), out_requested(): a path is to be chosen.
        people_requested(size): the built-in pictures are wanted, that many pixels wide.
    """

    start_requested = Signal(object)
    command_requested = Signal(object)
    folder_requested = Signal()
    file_requested = Signal()
    out_requested = Signal()
    people_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training.form")
        self.setAccessibleName("New run")
        self._runs_folder = Path()
        self._taken: set[str] = set()
        self._edited: Values = {}
        self._parent_path: Path | None = None
        self._parent_model: ModelConfig | None = None
        self._out_is_mine = True
        self.rows = {field.name: FieldRow(field) for field in config_fields()}
        self.data = path_field("training.data", "Pictures", "Folder, .zip, images.npy or manifest (.jsonl)")
        self.out = path_field("training.out", "Run folder", "Where the run is kept; it must not hold one yet")
        self.preset = combo("training.preset", "Preset", "What everything starts from")
        for name, preset in PRESETS.items():
            self.preset.addItem(preset.title, name)
            self.preset.setItemData(self.preset.count() - 1, preset.about, Qt.ItemDataRole.ToolTipRole)
        self.mode = combo("training.mode", "Where it runs", "What the run does when this window closes")
        for title, own, about in _MODES:
            self.mode.addItem(title, own)
            self.mode.setItemData(self.mode.count() - 1, about, Qt.ItemDataRole.ToolTipRole)
        self.parent_choice = combo(
            "training.parent", "Begin with", "Random weights, or go on learning from the open model"
        )
        self.parent_choice.addItem("Random weights", None)
        self.follow = QCheckBox("Show checkpoints")
        self.follow.setObjectName("training.follow")
        self.follow.setToolTip("Show the run's checkpoints on the canvas as they come")
        self.follow.setChecked(True)
        self.follow.setMinimumHeight(26)
        self.people = button("training.people", "Draw 6,000 people", "Draw the built-in pictures of people")
        self.start = button("training.start", "Start", "Start the run (Ctrl+Return)")
        self.start.setShortcut("Ctrl+Return")
        self.start.setDefault(True)
        self.command = button("training.command", "Copy command", "Copy the command that starts this run in a shell")
        self.more = QToolButton()
        self._help, self._problem = QLabel(), QLabel()
        self._lay_out()

        self.data.textChanged.connect(self._data_changed)
        self.out.textEdited.connect(self._out_edited)
        self.preset.activated.connect(self._preset_chosen)
        self.parent_choice.activated.connect(self._parent_chosen)
        self.mode.activated.connect(self._explain_mode)
        self.people.clicked.connect(self._ask_people)
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
        content = QWidget()
        content.setObjectName("scrollContent")
        column = QVBoxLayout(content)
        column.setContentsMargins(unit, unit // 2, unit, unit)
        column.setSpacing(unit)
        out = button("training.out.choose", "Choose…", "Choose the folder the run's own folder is made in")
        out.clicked.connect(self.out_requested)
        where = Flow(5 * _COLUMN // 2, 2 * unit)
        where.addWidget(captioned("Pictures", line(self.data, self._choose_button(), self.people)))
        where.addWidget(captioned("Run folder", line(self.out, out)))
        column.addWidget(where)
        first = Flow(_COLUMN, 2 * unit)
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
        self._rest = QWidget()
        rest = QVBoxLayout(self._rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(unit)
        for part, title in (("model", "Networks"), ("train", "Training")):
            caption = QLabel(title)
            caption.setFont(theme.caption_font())
            rest.addWidget(caption)
            flow = Flow(_COLUMN, 2 * unit)
            for name, row in self.rows.items():
                if name not in MAIN and row.field.part == part:
                    flow.addWidget(row)
            rest.addWidget(flow)
        column.addWidget(self._rest)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        self._scroll = scroll
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

    # setters

    def set_places(self, runs_folder: Path, taken: set[str]) -> None:
        """Where runs go by default, and the names that are used there."""
        self._runs_folder, self._taken = runs_folder, taken
        self._suggest_out()

    def set_data(self, path: Path) -> None:
        """Train on these pictures."""
        self.data.setText(str(path))

    def set_out_folder(self, folder: Path) -> None:
        """Make the run's folder in ``folder``."""
        self._out_is_mine = False
        self.out.setText(str(folder / (Path(self.out.text()).name or "run")))

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

    def set_drawing(self, drawing: bool) -> None:
        """Whether the built-in pictures are being drawn."""
        self.people.setEnabled(not drawing)

    # values

    def values(self) -> Values:
        """What every field shows."""
        return {name: row.value() for name, row in self.rows.items()}

    def plan(self) -> RunPlan | None:
        """The run, or None where something is wrong or missing, which is then said at its field."""
        model, train, wrong = check(self.values())
        for name, row in self.rows.items():
            row.set_problem(wrong.get(name, ""))
        missing = [field for field in (self.data, self.out) if not field.text().strip()]
        for field in (self.data, self.out):
            mark_wrong(field, field in missing)
        self._tell(wrong, missing)
        if wrong or missing:
            self._go_to([*missing, *(self.rows[name].editor for name in wrong if name in self.rows)])
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

    def _tell(self, wrong: dict[str, str], missing: list[QLineEdit]) -> None:
        texts = ["Choose pictures first."] if self.data in missing else []
        texts += ["Name a folder for the run."] if self.out in missing else []
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
        self._help.setText(f"{self.preset.currentText()}: {PRESETS[self.preset.currentData()].about}")
        self._show_base()

    @Slot()
    def _explain_mode(self) -> None:
        self._help.setText(_MODES[self.mode.currentIndex()][2])

    def _show_base(self) -> None:
        """The preset's values, except where the user or the model to begin with says otherwise."""
        objective = self._edited.get("objective")
        base = preset_values(self.preset.currentData(), None if objective is None else str(objective))
        fixed: Values = self._parent_model.to_json() if self._parent_path and self._parent_model else {}
        for name, row in self.rows.items():
            row.set_value(fixed.get(name, self._edited.get(name, base[name])))
            row.set_edited(name in self._edited and name not in fixed)
            row.setEnabled(name not in fixed)
        self._check_quietly()

    @Slot(str)
    def _field_edited(self, name: str) -> None:
        self._edited[name] = self.rows[name].value()
        self.rows[name].set_edited(True)
        if name == "objective":
            self._show_base()
        self._check_quietly()

    def _check_quietly(self) -> None:
        _, _, wrong = check(self.values())
        for name, row in self.rows.items():
            row.set_problem(wrong.get(name, ""))
        self._problem.clear()

    @Slot()
    def _parent_chosen(self) -> None:
        self._parent_path = self.parent_choice.currentData()
        self._show_base()

    @Slot()
    def _data_changed(self) -> None:
        mark_wrong(self.data, False)
        self._problem.clear()
        self._suggest_out()

    @Slot()
    def _out_edited(self) -> None:
        self._out_is_mine = not self.out.text().strip()
        mark_wrong(self.out, False)

    def _suggest_out(self) -> None:
        if self._out_is_mine and self.data.text().strip():
            data = Path(self.data.text().strip())
            stem = data.parent.name if data.name == "images.npy" else data.name.partition(".")[0] or data.name
            self.out.setText(str(self._runs_folder / free_name(stem, self._taken)))

    @Slot(bool)
    def _show_more(self, on: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self._rest.setVisible(on)
        if on:  # once it has its place
            QTimer.singleShot(0, self, self._scroll_to_rest)

    @Slot()
    def _scroll_to_rest(self) -> None:
        self._scroll.verticalScrollBar().setValue(self.more.y())

    @Slot()
    def _ask_people(self) -> None:
        size = self.rows["image_size"].value()
        self.people_requested.emit(size)

    @Slot()
    def _start(self) -> None:
        plan = self.plan()
        if plan is not None:
            self._out_is_mine = True
            self.start_requested.emit(plan)

    @Slot()
    def _copy(self) -> None:
        plan = self.plan()
        if plan is not None:
            self.command_requested.emit(plan)
