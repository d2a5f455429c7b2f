"""Pictures as tiles: what the bookmarks and the neighbours have in common.

A model offers the roles below; the delegate knows where in a tile everything lies, and draws it.
"""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from latent_debugger.views import theme
from latent_debugger.views.pixmaps import icon_pixmap, tile_pixmap

Index = QModelIndex | QPersistentModelIndex

GAP = 5
"""Between a picture and the edge of its tile; the selection ring lies in it."""
_NAME_HEIGHT = 20
_RATING_HEIGHT, _RATING_STAR = 11, 9
_STAR = 24
_CORNER = 4.0


class Role(IntEnum):
    """What a model tells about a tile, besides its name (DisplayRole)."""

    PICTURE = Qt.ItemDataRole.UserRole + 1
    """QImage; a null one while there is none."""
    STARRED = Qt.ItemDataRole.UserRole + 2
    """bool: it is a bookmark already; None where a tile has no star at all."""
    BADGE = Qt.ItemDataRole.UserRole + 3
    """str: a short remark on the picture, which is dimmed then; empty for none."""
    STALE = Qt.ItemDataRole.UserRole + 4
    """bool: another picture is on its way here."""
    RATING = Qt.ItemDataRole.UserRole + 5
    """int: how many stars stand under the name; None or 0 for none."""


class ThumbnailDelegate(QStyledItemDelegate):
    """Draws one tile; edits its name in place.

    Args:
        side: of a picture, in logical pixels; may be changed.
        named: whether tiles have a line for the name below the picture, and one for the rating below that.

    Attributes:
        pointed: the tile on whose star the pointer is.
    """

    def __init__(self, side: int, named: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.side = side
        self.named = named
        self.pointed = QPersistentModelIndex()

    @property
    def cell_height(self) -> int:
        """Of a whole tile, in logical pixels."""
        return self.side + 2 * GAP + (_NAME_HEIGHT + _RATING_HEIGHT if self.named else 0)

    def picture_rect(self, cell: QRect) -> QRect:
        """Where the picture lies in a tile."""
        return QRect(cell.left() + (cell.width() - self.side) // 2, cell.top() + GAP, self.side, self.side)

    def star_rect(self, cell: QRect) -> QRect:
        """Where the star lies in a tile."""
        picture = self.picture_rect(cell)
        return QRect(picture.right() - _STAR - 1, picture.top() + 3, _STAR, _STAR)

    def name_rect(self, cell: QRect) -> QRect:
        """Where the name lies in a tile."""
        top = self.picture_rect(cell).bottom() + GAP
        return QRect(cell.left() + 2, top, cell.width() - 4, _NAME_HEIGHT)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.side + 2 * GAP, self.cell_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state, cell, place = option.state, option.rect, self.picture_rect(option.rect)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected or focused or hovered:
            token = "accent" if selected else "text" if focused else "border"
            painter.setPen(QPen(theme.colour(token), 2))
            painter.drawRoundedRect(QRectF(place).adjusted(-3, -3, 3, 3), _CORNER + 3, _CORNER + 3)
        badge = index.data(Role.BADGE) or ""
        self._paint_picture(painter, place, index, dim=bool(badge) or bool(index.data(Role.STALE)))
        if badge:
            _paint_badge(painter, place, badge, option.font)
        starred = index.data(Role.STARRED)
        if starred or (starred is not None and (hovered or focused)):
            _paint_star(painter, self.star_rect(cell), starred, index == self.pointed)
        if self.named:
            self._paint_name(painter, self.name_rect(cell), index, option.font, selected)
            _paint_rating(painter, self.name_rect(cell), index.data(Role.RATING) or 0)
        painter.restore()

    def _paint_picture(self, painter: QPainter, place: QRect, index: Index, dim: bool) -> None:
        image = index.data(Role.PICTURE)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(place), _CORNER, _CORNER)
        if not isinstance(image, QImage) or image.isNull():
            painter.fillPath(outline, theme.colour("hover"))
            return
        ratio = painter.device().devicePixelRatioF()
        if dim:
            painter.fillPath(outline, theme.colour("canvas"))
            painter.setOpacity(0.4)
        painter.drawPixmap(place.topLeft(), tile_pixmap(image, self.side, ratio, _CORNER, theme.current().canvas))
        painter.setOpacity(1.0)

    def _paint_name(self, painter: QPainter, place: QRect, index: Index, font: QFont, selected: bool) -> None:
        painter.setFont(_small(font))
        painter.setPen(theme.colour("text" if selected else "muted"))
        name = QFontMetrics(painter.font()).elidedText(
            index.data(Qt.ItemDataRole.DisplayRole) or "", Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)

    # The name's editor

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("Name of the star")
        editor.setFont(_small(option.font))
        editor.setAlignment(Qt.AlignmentFlag.AlignCenter)
        editor.setStyleSheet("QLineEdit { min-height: 0; padding: 0 2px; }")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(self.name_rect(option.rect))


def _small(font: QFont) -> QFont:
    small = QFont(font)
    if small.pointSizeF() > 0:
        small.setPointSizeF(small.pointSizeF() - 1)
    else:
        small.setPixelSize(small.pixelSize() - 1)
    return small


def _paint_star(painter: QPainter, place: QRect, starred: bool, pointed: bool) -> None:
    ground = theme.colour("hover" if pointed else "raised")
    ground.setAlphaF(0.92)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawEllipse(place)
    tokens, inner = theme.current(), place.adjusted(4, 4, -4, -4)
    colour = tokens.accent if starred or pointed else tokens.text
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(inner.topLeft(), icon_pixmap("star-filled" if starred else "star", colour, inner.width(), ratio))


def _paint_rating(painter: QPainter, name: QRect, rating: int) -> None:
    ratio = painter.device().devicePixelRatioF()
    star = icon_pixmap("star-filled", theme.current().accent, _RATING_STAR, ratio)
    step = _RATING_STAR + 1
    left = name.center().x() - (rating * step - 1) // 2
    for k in range(rating):
        painter.drawPixmap(left + k * step, name.bottom() - 1, star)


def _paint_badge(painter: QPainter, place: QRect, text: str, font: QFont) -> None:
    painter.setFont(_small(font))
    width = min(place.width() - 6, QFontMetrics(painter.font()).horizontalAdvance(text) + 10)
    pill = QRectF(place.center().x() - width / 2 + 0.5, place.bottom() - 20, width, 17)
    ground = QColor(theme.current().raised)
    ground.setAlphaF(0.92)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(pill, 4, 4)
    painter.setPen(theme.colour("muted"))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
