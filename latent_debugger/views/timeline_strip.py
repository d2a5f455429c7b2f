"""The film strip: each latent a line of pictures, each checkpoint a column."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from latent_debugger.views import theme
from latent_debugger.views.thumbnails import GAP, ThumbnailDelegate
from latent_debugger.views.timeline_model import FilmModel

SIDES = (48, 64, 96, 128)
"""Sizes of a frame in logical pixels; the largest at which every line is in view is taken."""
NAMES_WIDTH = 88
_HEADER = 24
_STYLE = (  # the delegate rings what is selected; Qt's corner button is a blot
    "QTableView { selection-background-color: transparent; }"
    "QTableView::item:selected { background: transparent; }"
    "QTableCornerButton::section { background: transparent; border: none; }"
)
_OPEN = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class FilmStrip(QTableView):
    """Shows a :class:`FilmModel`.

    Signals:
        chosen(column): a click, or the arrow keys: this checkpoint.
        opened(row, column): a double click or Return: this latent under this checkpoint.
        range_changed(): other columns are in view.
    """

    chosen = Signal(int)
    opened = Signal(int, int)
    range_changed = Signal()

    def __init__(self, film: FilmModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timelineStrip")
        self.setAccessibleName("Film strip")
        self._shown = -1
        self.tiles = ThumbnailDelegate(SIDES[0], named=False, parent=self)
        self.setItemDelegate(self.tiles)
        self.setStyleSheet(_STYLE)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectColumns)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setSectionsClickable(False)
            header.setHighlightSections(False)
            header.setMinimumSectionSize(_HEADER)
            header.setFont(theme.numbers_font(header.font()))
            header.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.horizontalHeader().setFixedHeight(_HEADER)
        self.verticalHeader().setFixedWidth(NAMES_WIDTH)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setModel(film)
        film.modelReset.connect(self._anew)
        film.columnsInserted.connect(self._tell)
        self.clicked.connect(self._choose)
        self.doubleClicked.connect(self._open)
        self.horizontalScrollBar().valueChanged.connect(self._tell)
        theme.themed.changed.connect(self.viewport().update)

    def show_column(self, column: int) -> None:
        """Mark the checkpoint on the canvas, -1 for none, and bring it into view."""
        self._shown = column
        if column < 0:
            self.clearSelection()
            return
        row = max(0, self.currentIndex().row())
        index = self.model().index(row, column)
        if index != self.currentIndex():
            self.setCurrentIndex(index)  # scrolls, too
        else:
            self.selectColumn(column)

    def columns_in_view(self) -> tuple[int, int]:
        """The first and the last column in view; (0, -1) where there is none."""
        count = self.model().columnCount()
        if not count or not self.model().rowCount():
            return 0, -1
        first, last = self.columnAt(0), self.columnAt(self.viewport().width() - 1)
        return max(0, first), last if last >= 0 else count - 1

    @Slot()
    def _anew(self) -> None:
        self.fit()
        if 0 <= self._shown < self.model().columnCount():
            self.show_column(self._shown)
        self._tell()

    @Slot()
    def _tell(self) -> None:
        self.range_changed.emit()

    @Slot()
    def fit(self) -> None:
        """Choose the size of the frames for the room there is."""
        rows = max(1, self.model().rowCount())
        bar = self.horizontalScrollBar()
        bar.ensurePolished()
        room = self.contentsRect().height() - _HEADER - bar.sizeHint().height()
        side = next((side for side in reversed(SIDES) if rows * (side + 2 * GAP) <= room), SIDES[0])
        self.tiles.side = side
        self.horizontalHeader().setDefaultSectionSize(side + 2 * GAP)
        self.verticalHeader().setDefaultSectionSize(side + 2 * GAP)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.column())

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.row(), index.column())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.currentIndex()
        if event.key() in _OPEN and before.isValid():
            self._open(before)
            return
        super().keyPressEvent(event)
        after = self.currentIndex()
        if after.isValid() and after.column() != before.column():
            self.chosen.emit(after.column())

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in _OPEN
            and self.currentIndex().isValid()
        ):
            event.accept()
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A plain wheel goes along the strip: it is wide, and seldom high."""
        if event.angleDelta().x() or self.verticalScrollBar().maximum() > 0:
            super().wheelEvent(event)
            return
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - event.angleDelta().y())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()
        super().resizeEvent(event)
        self._tell()
