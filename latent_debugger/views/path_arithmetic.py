"""A small calculator for pictures: this star, less that one, plus another."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from latent_debugger.views import theme
from latent_debugger.views.dialog import button
from latent_debugger.views.pixmaps import tile_pixmap

NOTHING = "—"
PLACES = ("plus", "minus", "and")
"""A − B + C."""
_NAMES = ("A", "B, taken away", "C, added")
_SIGNS = ("", "\N{MINUS SIGN}", "+", "=")
_SIDE = 96
_CORNER = 4.0
NO_STARS = "Star some pictures first (Ctrl+D): then one can be taken from another here."
NO_MODEL = "Open a checkpoint to calculate with its pictures."
EXPLAINED = (
    "A − B + C moves A by what lies between B and C: a smile less a straight face, plus another person. "
    "The result is brought back to the usual distance from the origin."
)


class ArithmeticPage(QWidget):
    """Three choices of a star, the picture of each, and that of the result.

    Signals:
        changed(): another star was chosen.
        go_requested(): show the result on the canvas.
        add_requested(): put the result on the path.
    """

    changed = Signal()
    go_requested = Signal()
    add_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: list[str] = []
        self._model_open = False
        self._names = QStringListModel([NOTHING], self)
        self.boxes = [self._box(place, name) for place, name in zip(PLACES, _NAMES, strict=True)]
        self.tiles = [Tile(name) for name in (*_NAMES, "Result")]
        self.go = button("path.arithmetic.go", "Go there", "Show the result on the canvas; undo goes back")
        self.keep = button("path.arithmetic.add", "Add to the path", "Make the result the path's last key frame")
        self.told = QLabel()
        self._sum = QWidget()
        self._lay_out()
        for box in self.boxes:
            box.activated.connect(self._choose)
        self.go.clicked.connect(self.go_requested)
        self.keep.clicked.connect(self.add_requested)
        self.set_result(None, "")

    def _box(self, place: str, name: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"path.arithmetic.{place}")
        box.setAccessibleName(name)
        box.setToolTip(f"{name}: a star, the canvas, or the mean of the selected stars")
        box.setModel(self._names)
        box.setMinimumContentsLength(12)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        return box

    def _lay_out(self) -> None:
        unit = theme.UNIT
        grid = QGridLayout(self._sum)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(unit)
        grid.setVerticalSpacing(unit // 2)
        for place, tile in enumerate(self.tiles):
            sign = QLabel(_SIGNS[place])
            sign.setProperty("quiet", True)
            font = sign.font()
            font.setPointSizeF(font.pointSizeF() * 1.6)
            sign.setFont(font)
            sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(sign, 0, 2 * place)
            grid.addWidget(tile, 0, 2 * place + 1, Qt.AlignmentFlag.AlignHCenter)
        for place, box in enumerate(self.boxes):
            grid.addWidget(box, 1, 2 * place + 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(unit)
        buttons.addWidget(self.go)
        buttons.addWidget(self.keep)
        grid.addLayout(buttons, 1, 7)
        self.told.setObjectName("path.arithmetic.told")
        self.told.setProperty("quiet", True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.told.setWordWrap(True)
        self.told.setMinimumHeight(2 * self.told.fontMetrics().lineSpacing())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(unit)
        column.addStretch(1)
        column.addWidget(self._sum, 0, Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.told)
        column.addStretch(1)

    # setters

    def set_model(self, open_: bool) -> None:
        """Whether there is a model to show pictures with."""
        self._model_open = open_
        self._show()

    def set_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        """What can be chosen: (id, name); what is chosen stays where it is there still."""
        ids, names = [""] + [id_ for id_, _ in entries], [NOTHING] + [name for _, name in entries]
        if ids == self._ids and names == self._names.stringList():
            return
        chosen = self.chosen()
        self._ids = ids
        self._names.setStringList(names)
        for box, id_ in zip(self.boxes, chosen, strict=True):
            box.setCurrentIndex(ids.index(id_) if id_ in ids else 0)
        self._show()
        if self.chosen() != chosen:
            self.changed.emit()

    def chosen(self) -> tuple[str, str, str]:
        """The ids of A, B and C; empty for nothing."""
        rows = [box.currentIndex() for box in self.boxes]
        a, b, c = (self._ids[row] if 0 < row < len(self._ids) else "" for row in rows)
        return a, b, c

    def choose(self, ids: Sequence[str]) -> None:
        """Choose A, B and C."""
        for box, id_ in zip(self.boxes, ids, strict=True):
            box.setCurrentIndex(self._ids.index(id_) if id_ in self._ids else 0)
        self.changed.emit()

    def set_picture(self, place: int, image: QImage | None) -> None:
        """The picture of A, B, C or, the last, of the result; None for none."""
        self.tiles[place].set_picture(image)

    def set_result(self, told: str | None, problem: str) -> None:
        """What comes of it, in words; None where there is no result, and why in ``problem``."""
        for item in (self.go, self.keep):
            item.setEnabled(told is not None)
        if told is None:
            self.tiles[-1].set_picture(None)
        self.told.setText(told if told is not None else problem or EXPLAINED)
        self._show()

    def _show(self) -> None:
        ready = self._model_open and len(self._ids) > 1
        self._sum.setVisible(ready)
        if not ready:
            self.told.setText(NO_STARS if self._model_open else NO_MODEL)
        elif self.told.text() in (NO_STARS, NO_MODEL):
            self.told.setText(EXPLAINED)

    @Slot()
    def _choose(self) -> None:
        self.changed.emit()


class Tile(QWidget):
    """One picture with round corners, or its empty place."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"Picture of {name}")
        self.setFixedSize(QSize(_SIDE, _SIDE))
        self._image: QImage | None = None
        theme.themed.changed.connect(self.update)

    @property
    def picture(self) -> QImage | None:
        """What is shown."""
        return self._image

    def set_picture(self, image: QImage | None) -> None:
        """Show a picture; None shows the empty place."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._image is None or self._image.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(self.rect(), _CORNER, _CORNER)
        else:
            ratio = self.devicePixelRatioF()
            painter.drawPixmap(0, 0, tile_pixmap(self._image, _SIDE, ratio, _CORNER, theme.current().canvas))
