"""The command palette: every action and every recent file, by a few letters of its name.

It lies over the window and is no window itself: those cannot choose their place on Wayland.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Slot
from PySide6.QtGui import QAction, QColor, QHideEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from latent_debugger.views import theme
from latent_debugger.views.actions import MENUS
from latent_debugger.views.fuzzy import score

WIDTH, ROW, ROWS = 560, 32, 10
ENOUGH = 0.6
"""What fits much worse than the best is left out."""
RECENT = "Open recent"
_ACTION, _AREA, _KEYS = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
_MOVES = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class Palette(QFrame):
    """Type, Return does it; Escape, a click elsewhere or the focus going elsewhere leave it. One for each window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._open = False
        self.hide()
        self.setObjectName("palette")
        self.setAccessibleName("Command palette")
        self._commands: list[tuple[str, str, QAction]] = []  # text, area, action
        self._came_from: QWidget | None = None
        self.field = QLineEdit()
        self.field.setObjectName("palette.field")
        self.field.setAccessibleName("Command")
        self.field.setPlaceholderText("Type a few letters of a command or a recent file")
        self.field.textChanged.connect(self._filter)
        self.list = QListWidget()
        self.list.setObjectName("palette.list")
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys reach it through the field
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.itemEntered.connect(self.list.setCurrentItem)
        self.list.itemClicked.connect(self._trigger)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.UNIT] * 4)
        column.setSpacing(theme.UNIT)
        column.addWidget(self.field)
        column.addWidget(self.list)

    def open_with(self, actions: Iterable[QAction], recent: Sequence[QAction] = ()) -> None:
        """Offer ``actions`` that are enabled, by the area of their ids, and the files ``recent``."""
        self._commands = [
            (_plain(action.text()), _plain(MENUS.get(action.objectName().partition(".")[0], "")), action)
            for action in actions
            if action.isEnabled()
        ] + [(_plain(action.text()), RECENT, action) for action in recent]
        self.field.clear()
        self._filter("")
        if not self._open:
            self._open = True
            self._came_from = QApplication.focusWidget()
            _application().installEventFilter(self)
            _application().focusChanged.connect(self._follow_focus)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not self._open:
            return
        self._open = False
        _application().removeEventFilter(self)
        _application().focusChanged.disconnect(self._follow_focus)
        inside = self.isAncestorOf(focus) if (focus := QApplication.focusWidget()) is not None else True
        if inside and self._came_from is not None and isValid(self._came_from):
            self._came_from.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._commands, self._came_from = [], None

    @Slot(QWidget, QWidget)
    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and not self.isAncestorOf(new):
            self.hide()

    @Slot(str)
    def _filter(self, query: str) -> None:
        found = []
        for text, area, action in self._commands:
            by_name, by_area = score(query, text), score(query, f"{area} {text}")
            fits = max((value for value in (by_name, by_area) if value is not None), default=None)
            if fits is not None:
                found.append((fits, text, area, action))
        if query.strip() and found:
            found.sort(key=lambda item: -item[0])
            found = [item for item in found if item[0] >= ENOUGH * found[0][0]]
        self.list.clear()
        for _, text, area, action in found:
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item = QListWidgetItem(text)
            item.setData(_ACTION, action)
            item.setData(_AREA, area)
            item.setData(_KEYS, "✓  " + keys if action.isChecked() else keys)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(part for part in (area, text, keys) if part))
            self.list.addItem(item)
        if not found:
            self.list.addItem(_nothing())
        self.list.setCurrentRow(0 if found else -1)
        self._fit()

    def _fit(self) -> None:
        """As high as what was found, in the middle of the window's upper half."""
        room, above = self.parentWidget().size(), 6 * theme.UNIT
        rows = min(ROWS, self.list.count())
        width = min(WIDTH, room.width() - 2 * theme.UNIT)
        height = min(self.field.sizeHint().height() + rows * ROW + 3 * theme.UNIT + 2, room.height() - 2 * above)
        self.setGeometry((room.width() - width) // 2, above, width, height)

    @Slot(QListWidgetItem)
    def _trigger(self, item: QListWidgetItem | None) -> None:
        action = item.data(_ACTION) if item is not None else None
        if action is not None:
            self.hide()  # first: the focus must be back where the action expects it
            action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field, and presses anywhere: the application's events while the palette is open."""
        match event.type():
            case QEvent.Type.ShortcutOverride if watched is self.field:
                event.accept()  # no shortcut of the window's while somebody is choosing a command
                return True
            case QEvent.Type.KeyPress if watched is self.field and isinstance(event, QKeyEvent):
                return self._press(event.key())
            case QEvent.Type.MouseButtonPress if isinstance(watched, QWidget):
                if watched is not self and not self.isAncestorOf(watched):
                    self.hide()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # or it would go on to the window, and count as a press elsewhere

    def _press(self, key: int) -> bool:
        match key:
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._trigger(self.list.currentItem())
            case Qt.Key.Key_Escape:
                self.hide()
            case _ if key in _MOVES:
                self._move(key)
            case _:
                return False
        return True

    def _move(self, key: int) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -ROWS, Qt.Key.Key_PageDown: ROWS}
        row, last = self.list.currentRow(), self.list.count() - 1
        if row >= 0:
            wanted = row + steps[Qt.Key(key)]
            wraps = abs(wanted - row) == 1
            self.list.setCurrentRow(wanted % (last + 1) if wraps else max(0, min(wanted, last)))


class _Delegate(QStyledItemDelegate):
    """Name, area in a quiet colour, keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens, middle = theme.current(), Qt.AlignmentFlag.AlignVCenter
        place = QRect(option.rect).adjusted(theme.UNIT, 0, -theme.UNIT, 0)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection))
            painter.drawRoundedRect(option.rect, 4, 4)  # type: ignore[attr-defined]
        font = option.font  # type: ignore[attr-defined]
        painter.setFont(font)
        metrics = painter.fontMetrics()
        keys, area = index.data(_KEYS) or "", index.data(_AREA) or ""
        painter.setPen(QColor(tokens.muted))
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | middle, keys)
        place.setRight(place.right() - metrics.horizontalAdvance(keys) - 2 * theme.UNIT)
        text = metrics.elidedText(index.data() or "", Qt.TextElideMode.ElideMiddle, place.width())
        painter.setPen(QColor(tokens.text if index.data(_ACTION) is not None else tokens.muted))
        painter.drawText(place, middle, text)
        place.setLeft(place.left() + metrics.horizontalAdvance(text) + theme.UNIT)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(place, middle, metrics.elidedText(area, Qt.TextElideMode.ElideRight, max(0, place.width())))
        painter.restore()


def _nothing() -> QListWidgetItem:
    item = QListWidgetItem("No command is called that.")
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item


def _plain(text: str) -> str:
    """A menu's text without mnemonics and without the dots that announce a dialog."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
