"""One picture of a pile as a tile: kept, rejected or neither is seen at a glance, and changed by a click on it."""

from __future__ import annotations

import time

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPixmapCache
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from latent_debugger.state.curation import KEEP, REJECT, UNDECIDED
from latent_debugger.views import theme
from latent_debugger.views.dataset_model import CurationListModel
from latent_debugger.views.pixmaps import icon_pixmap, rounded_tile

Index = QModelIndex | QPersistentModelIndex

GAP = 5
"""Between a picture and the edge of its tile; the selection ring lies in it."""
BUDGET_MS, A_FEW = 8.0, 8
"""Spent on pictures not drawn before in one frame: half of it, but a few in any case. The others follow in the next, so
that scrolling never falters."""
_BADGE = 20
_CORNER = 4.0
_REJECTED = 0.3  # opacity


class CurationDelegate(QStyledItemDelegate):
    """Draws tiles of ``model``.

    Attributes:
        side: of a picture, in logical pixels; may be changed.
        pointed: the tile and the decision (1 keep, 0 reject) whose badge the pointer is on.
    """

    missing = Signal()
    """Some pictures were left out of this frame; draw another one."""

    def __init__(self, model: CurationListModel, side: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.side = side
        self.pointed: tuple[QPersistentModelIndex, int] | None = None
        self._spent_ms, self._new = 0.0, 0
        self._serial = 0
        model.modelReset.connect(self._renew)
        self._pile: object = None

    def begin_frame(self) -> None:
        """A new frame may spend :data:`BUDGET_MS` again."""
        self._spent_ms, self._new = 0.0, 0

    def picture_rect(self, cell: QRect) -> QRect:
        """Where the picture lies in a tile."""
        return QRect(cell.left() + (cell.width() - self.side) // 2, cell.top() + GAP, self.side, self.side)

    def badge_rect(self, cell: QRect, decision: int) -> QRect:
        """Where the mark of a decision (1 keep, 0 reject) lies in a tile."""
        picture = self.picture_rect(cell)
        left = picture.right() - _BADGE - 2 if decision == KEEP else picture.left() + 3
        return QRect(left, picture.top() + 3, _BADGE, _BADGE)

    def badge_at(self, cell: QRect, position: QPoint) -> int:
        """The decision (1 keep, 0 reject) whose mark lies there; -1 for none."""
        for decision in (KEEP, REJECT):
            if self.badge_rect(cell, decision).adjusted(-1, -1, 1, 1).contains(position):
                return decision
        return UNDECIDED

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.side + 2 * GAP, self.side + 2 * GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state, cell, place = option.state, option.rect, self.picture_rect(option.rect)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        picture, decision, by_ranking = self._model.tile(index.row())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected or focused or hovered:
            token = "accent" if selected else "text" if focused else "border"
            painter.setPen(QPen(theme.colour(token), 2))
            painter.drawRoundedRect(QRectF(place).adjusted(-3, -3, 3, 3), _CORNER + 3, _CORNER + 3)
        self._paint_picture(painter, place, picture, decision == REJECT)
        for badge in (KEEP, REJECT):
            if hovered or badge == decision:
                pointed = self.pointed is not None and self.pointed == (index, badge)
                _paint_badge(painter, self.badge_rect(cell, badge), badge, badge == decision, by_ranking, pointed)
        painter.restore()

    def _paint_picture(self, painter: QPainter, place: QRect, picture: int, dim: bool) -> None:
        ratio, ground = painter.device().devicePixelRatioF(), theme.current().canvas
        key, found = f"pile {id(self)} {self._serial} {picture} {self.side} {ratio} {ground}", QPixmap()
        if not QPixmapCache.find(key, found):
            if self._spent_ms > BUDGET_MS and self._new >= A_FEW:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("hover"))
                painter.drawRoundedRect(QRectF(place), _CORNER, _CORNER)
                self.missing.emit()
                return
            began = time.perf_counter()
            found = rounded_tile(self._model.thumbnail(picture), self.side, ratio, _CORNER, ground)
            QPixmapCache.insert(key, found)
            self._new += 1
            self._spent_ms += (time.perf_counter() - began) * 1000
        painter.setOpacity(_REJECTED if dim else 1.0)
        painter.drawPixmap(place.topLeft(), found)
        painter.setOpacity(1.0)

    def _renew(self) -> None:
        """Another pile has other pictures in the same rows."""
        if self._model.pile is not self._pile:
            self._pile = self._model.pile
            self._serial += 1


def _paint_badge(painter: QPainter, place: QRect, decision: int, taken: bool, by_ranking: bool, pointed: bool) -> None:
    """The mark of a decision: filled if the user took it, hollow if the ranking did, quiet where a click would."""
    tokens = theme.current()
    colour = tokens.accent if decision == KEEP else tokens.danger
    filled = taken and not by_ranking
    ground = QColor(colour if filled else tokens.hover if pointed else tokens.raised)
    ground.setAlphaF(1.0 if taken else 0.92)
    painter.setPen(QPen(QColor(colour), 1.5) if taken else Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawEllipse(QRectF(place).adjusted(0.75, 0.75, -0.75, -0.75))
    ink = tokens.surface if filled else colour if taken or pointed else tokens.text
    inner = place.adjusted(4, 4, -4, -4)
    ratio, name = painter.device().devicePixelRatioF(), "check" if decision == KEEP else "close"
    painter.drawPixmap(inner.topLeft(), icon_pixmap(name, ink, inner.width(), ratio))
