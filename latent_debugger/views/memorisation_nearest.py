"""The training pictures nearest to the one on the canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from latent_debugger.views import theme
from latent_debugger.views.picture_list import Item, PictureListModel, picture_view

NO_PICTURES = "Choose the training pictures above to see which of them are nearest to the picture on the canvas."
NO_MODEL = "Open a checkpoint (Ctrl+O) to compare its pictures with."
STOPPED = "The training pictures were not described to the end. Press Compare to begin again."
WITH_CHECK = "The check describes the training pictures first; then the nearest ones appear here."
_TOP = 28
_SIDES = (48, 56, 64, 72, 80, 96, 112, 128)


@dataclass(frozen=True, eq=False)
class NearPicture:
    """A training picture near the one on the canvas."""

    row: int
    """Of the training pictures."""
    distance: float
    percentile: float
    """Share of training pictures, 0 ... 100, whose nearest other one is nearer than this."""
    image: QImage


class NearestSection(QWidget):
    """Five tiles, the nearest first, and one sentence.

    Signals:
        opened(row): show this one (0 ... 4) beside the picture on the canvas.
        compare_requested(), cancel_requested(): begin to describe the training pictures; stop that.
    """

    opened = Signal(int)
    compare_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel("Nearest training pictures")
        self.title.setFont(theme.caption_font(self.title.font()))
        self.told = QLabel()
        self.told.setObjectName("memorisation.told")
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setProperty("quiet", True)
        self.told.setWordWrap(True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.told.setMinimumHeight(2 * self.told.fontMetrics().height() + 2)
        self.told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QPushButton("Cancel")
        self.button.setObjectName("memorisation.index")
        self.bar = QProgressBar()
        self.bar.setObjectName("memorisation.indexProgress")
        self.bar.setAccessibleName("Describing the training pictures")
        self.bar.setTextVisible(False)
        self.model = PictureListModel(self)
        self.list = picture_view(self.model, _SIDES, "memorisation.nearest", "Nearest training pictures")
        top, column = QHBoxLayout(), QVBoxLayout(self)
        top.setSpacing(theme.UNIT)
        top.addWidget(self.title)
        top.addStretch(1)
        top.addWidget(self.button)
        self.title.setMinimumHeight(_TOP)  # level with the title of the other half
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT // 2)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addWidget(self.told)
        column.addWidget(self.list, 1)
        self.list.clicked.connect(self._open)
        self.list.opened.connect(self._open)
        self.button.clicked.connect(self._press)
        self._building = False
        self.set_idle(NO_MODEL)

    def set_idle(self, why: str, can_begin: bool = False) -> None:
        """Nothing to compare with (yet), and why.

        Args:
            can_begin: a button begins.
        """
        self._show(building=False, button=can_begin)
        self.model.set_items(())
        self.list.set_empty(why)
        self.told.clear()

    def set_building(self, share: float) -> None:
        """The training pictures are being described."""
        self._show(building=True, button=True)
        self.bar.setValue(round(1000 * share))
        if not self.model.items:
            self.list.set_empty("Describing the training pictures, once…")

    def set_ready(self) -> None:
        """They are described; the nearest ones follow."""
        self._show(building=False, button=False)
        if not self.model.items:
            self.list.set_empty("")

    def set_pictures(self, pictures: Sequence[NearPicture]) -> None:
        """The nearest ones, the nearest first."""
        self.set_ready()
        self.model.set_items([_item(picture) for picture in pictures])
        for row, picture in enumerate(pictures):
            self.model.set_picture(row, picture.image)
        words = sentence(pictures[0].percentile) if pictures else ""
        self.told.setText(words)
        warns = bool(pictures) and pictures[0].percentile < 1
        if bool(self.told.property("warning")) != warns:
            self.told.setProperty("warning", warns)
            self.told.style().unpolish(self.told)
            self.told.style().polish(self.told)

    def _show(self, building: bool, button: bool) -> None:
        self._building = building
        self.bar.setRange(0, 1000)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.setVisible(building)
        self.button.setVisible(button)
        self.button.setText("Cancel" if building else "Compare")
        says = "Stop describing the training pictures" if building else "Describe the training pictures, to compare"
        self.button.setToolTip(says)
        self.button.setAccessibleName(says)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.row())

    @Slot()
    def _press(self) -> None:
        (self.cancel_requested if self._building else self.compare_requested).emit()


def share_of(percentile: float) -> str:
    """A percentile as people say it: ``under 1 %``, ``42 %``."""
    return "under 1 %" if percentile < 1 else f"{percentile:.0f} %"


def sentence(percentile: float) -> str:
    """What the nearest training picture means."""
    share = share_of(percentile)
    if percentile < 1:
        return f"Probably a copy: {share} of the training pictures are this near to another one."
    if percentile < 5:
        return f"Very near: only {share} of the training pictures have another one that is nearer."
    return f"No copy: {share} of the training pictures have another one that is nearer than this."


def _item(picture: NearPicture) -> Item:
    share = share_of(picture.percentile)
    return Item(
        share,
        f"Training picture {picture.row + 1:,}, distance {picture.distance:.2f}, percentile {share}",
        f"Training picture {picture.row + 1:,} at distance {picture.distance:.3f}; {share} of the training pictures\n"
        "have another one that is nearer. Click to see both side by side.",
    )
