"""What a checkpoint is: facts above, its layers below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from latent_debugger.state.model_info import ModelInfo
from latent_debugger.views import theme
from latent_debugger.views.dialog import CopyButton, Dialog

_HEADINGS = ("Layer", "Kind", "Output", "Parameters")


class ModelInfoDialog(Dialog):
    """Shows a :class:`ModelInfo`; ``objectName`` dialog.model_info."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("dialog.model_info", "Model information", parent)
        self._info: ModelInfo | None = None
        self._title = QLabel("Reading…")
        self._title.setObjectName("model_info.name")
        font = theme.caption_font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self._title.setFont(font)
        self._facts = QWidget()
        self._facts.setObjectName("model_info.facts")
        self._layers = _table()
        self._copy = CopyButton()
        self._copy.setEnabled(False)
        self.column.addWidget(self._title)
        self.column.addWidget(self._facts)
        self.column.addWidget(self._layers, 1)
        self.add_buttons(None, self._copy)
        self.resize(640, 680)

    def text(self) -> str:
        """Everything as plain text."""
        return self._info.as_text() if self._info is not None else ""

    def set_info(self, info: ModelInfo) -> None:
        """Show it instead of what was shown before."""
        self._info = info
        self._title.setText(info.name)
        self._copy.setEnabled(True)
        facts = QWidget()
        facts.setObjectName("model_info.facts")
        grid = QGridLayout(facts)
        grid.setContentsMargins(0, 0, 0, theme.UNIT)
        grid.setHorizontalSpacing(2 * theme.UNIT)
        grid.setVerticalSpacing(theme.UNIT // 2)
        grid.setColumnStretch(1, 1)
        for row, (label, value) in enumerate((*info.facts, *(("Note", text) for text in info.warnings))):
            grid.addWidget(_label(label, quiet=True), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_label(value, quiet=False), row, 1)
        self.column.replaceWidget(self._facts, facts)
        self._facts.hide()
        self._facts.deleteLater()
        self._facts = facts
        self._fill_layers(info)

    def _fill_layers(self, info: ModelInfo) -> None:
        self._layers.setRowCount(len(info.layers))
        for row, layer in enumerate(info.layers):
            for column, text in enumerate(layer.cells()):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_alignment(column))
                self._layers.setItem(row, column, item)


def _label(text: str, *, quiet: bool) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)  # a file may say anything of itself
    if quiet:
        label.setProperty("quiet", True)
        return label
    label.setFont(theme.numbers_font(label.font()))
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_HEADINGS))
    table.setObjectName("model_info.layers")
    table.setAccessibleName("Layers")
    for column, heading in enumerate(_HEADINGS):
        item = QTableWidgetItem(heading)
        item.setTextAlignment(_alignment(column))
        table.setHorizontalHeaderItem(column, item)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(3 * theme.UNIT)
    table.setShowGrid(False)
    table.setFont(theme.numbers_font(table.font()))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setMinimumHeight(160)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    header.setHighlightSections(False)
    return table


def _alignment(column: int) -> Qt.AlignmentFlag:
    """Words to the left, figures to the right."""
    side = Qt.AlignmentFlag.AlignLeft if column < 2 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
