"""The window's icons: strokes on a 24 x 24 grid, coloured by the theme when they are drawn.

An icon has four looks: muted at rest, text colour under the pointer, accent when switched on, faint when disabled.
Icons given through :func:`set_icon` are redrawn by :func:`refresh` after the theme changed.
"""

from __future__ import annotations

from typing import Protocol
from weakref import WeakSet

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from shiboken6 import isValid

from latent_debugger.views import theme

_STAR = "M12 3.6l2.6 5.3 5.8.85-4.2 4.1 1 5.8-5.2-2.75-5.2 2.75 1-5.8-4.2-4.1 5.8-.85z"
_TRAY = '<path d="M4 15v3.5a1.5 1.5 0 0 0 1.5 1.5h13a1.5 1.5 0 0 0 1.5-1.5V15"/>'
_PIN = "M9 4h6l-.7 5.6 3.2 3.6V15H6.5v-1.8l3.2-3.6z"
_SHACKLE_BODY = '<rect x="5.5" y="11" width="13" height="9" rx="2"/>'
_DOT = '<circle cx="{}" cy="{}" r="1.3" fill="currentColor" stroke="none"/>'

SHAPES: dict[str, str] = {
    "play": '<path d="M8 5.2v13.6L18.6 12z"/>',
    "pause": '<path d="M8.5 5.5v13M15.5 5.5v13"/>',
    "stop": '<rect x="6.5" y="6.5" width="11" height="11" rx="1.5"/>',
    "follow": '<path d="M5 6l6 6-6 6M12 6l6 6-6 6M20.5 5.5v13"/>',
    "star": f'<path d="{_STAR}"/>',
    "star-filled": f'<path d="{_STAR}" fill="currentColor"/>',
    "lock": _SHACKLE_BODY.replace("/>", ' fill="currentColor"/>') + '<path d="M8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>',
    "unlock": _SHACKLE_BODY + '<path d="M8.5 11V7.5a3.5 3.5 0 0 1 6.7-1.4"/>',
    "dice": '<rect x="4" y="4" width="16" height="16" rx="3.5"/>'
    + "".join(_DOT.format(x, y) for x, y in ((8.6, 8.6), (15.4, 8.6), (12, 12), (8.6, 15.4), (15.4, 15.4))),
    "zero": '<path d="M12 4v4M12 16v4M4 12h4M16 12h4"/><circle cx="12" cy="12" r="1.6" fill="currentColor"/>',
    "undo": '<path d="M8.5 5L4.5 9l4 4"/><path d="M4.5 9H14a5 5 0 0 1 0 10H9"/>',
    "redo": '<path d="M15.5 5l4 4-4 4"/><path d="M19.5 9H10a5 5 0 0 0 0 10h5"/>',
    "open": '<path d="M4 18V6.5A1.5 1.5 0 0 1 5.5 5H9.3l2 2.4h6.2A1.5 1.5 0 0 1 19 8.9V10.5"/>'
    '<path d="M4 18.4l2.4-7.9h14.8l-2.4 8.5H4.6"/>',
    "save": '<rect x="4" y="5" width="16" height="14" rx="2"/><path d="M4.5 16l4.6-4.6 3.6 3.6 2.3-2.3 4.5 4.5"/>'
    '<circle cx="15.3" cy="9.2" r="1.2"/>',
    "export": '<path d="M12 15V4.5M7.8 8.5L12 4.3l4.2 4.2"/>' + _TRAY,
    "import": '<path d="M12 4v10.5M7.8 10.7l4.2 4.2 4.2-4.2"/>' + _TRAY,
    "trash": '<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10.3 10.8v5M13.7 10.8v5"/>',
    "copy": '<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2"/>'
    '<path d="M15.5 8.5V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7.5a2 2 0 0 0 2 2h2.5"/>',
    "filter": '<path d="M4 6h16l-6.2 7.2v5.3l-3.6 1.6v-6.9z"/>',
    "sort": '<path d="M7.5 5v14M4.5 16l3 3 3-3"/><path d="M13 6.5h7M13 11.5h5M13 16.5h3"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5"/>',
    "refresh": '<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4L19.5 8.8M19.5 4.5v4.3h-4.3"/>',
    "sparkle": '<path d="M10.5 4.5l1.7 5.3 5.3 1.7-5.3 1.7-1.7 5.3-1.7-5.3-5.3-1.7 5.3-1.7z"/>'
    '<path d="M18.5 15.5v5M16 18h5"/>',
    "back": '<path d="M14.5 6l-6 6 6 6"/>',
    "forward": '<path d="M9.5 6l6 6-6 6"/>',
    "swap": '<path d="M9 4.5L5.5 8 9 11.5M5.5 8H18M15 12.5l3.5 3.5-3.5 3.5M18.5 16H6"/>',
    "pin": f'<path d="{_PIN}"/><path d="M12 15v5.5"/>',
    "pin-filled": f'<path d="{_PIN}" fill="currentColor"/><path d="M12 15v5.5"/>',
    "rows": '<path d="M4 7h16M4 12h10M4 17h6"/>',
    "faders": '<path d="M6 4v16M12 4v16M18 4v16"/><path d="M4 9h4M10 15h4M16 7.5h4" stroke-width="3"/>',
    "pulse": '<path d="M3 12h4.2l2.6-6.5 4.6 13 2.6-6.5H21"/>',
    "check": '<path d="M5 12.6l4.6 4.6L19 7.4"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "close": '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
    "float": '<path d="M13.5 5H19v5.5M19 5l-7.5 7.5M16.5 14v3.5A1.5 1.5 0 0 1 15 19H6.5A1.5 1.5 0 0 1 5 17.5V9'
    'a1.5 1.5 0 0 1 1.5-1.5H10"/>',
    "sun": '<circle cx="12" cy="12" r="3.8"/><path d="M12 3v2.2M12 18.8V21M3 12h2.2M18.8 12H21M5.6 5.6l1.6 1.6'
    'M16.8 16.8l1.6 1.6M5.6 18.4l1.6-1.6M16.8 7.2l1.6-1.6"/>',
    "moon": '<path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z"/>',
    "hint": '<path d="M9.2 17.5h5.6M10.3 20.5h3.4M9 14.6a6.2 6.2 0 1 1 6 0v.4H9z"/>',
    "info": '<circle cx="12" cy="12" r="8"/><path d="M12 11.5v4.7"/>' + _DOT.format(12, 8.2),
    "warning": '<path d="M12 4.5l8.3 14.5H3.7z"/><path d="M12 10.2v4"/>' + _DOT.format(12, 16.6),
    "edit": '<path d="M5 19l.9-3.9L16 5l3 3L8.9 18.1z"/><path d="M13.8 7.2l3 3"/>',
    "orthogonal": '<path d="M5 19h14.5M8.5 19V4.5M8.5 14h5v5"/>',
    "more": "".join(_DOT.format(x, 12) for x in (6.5, 12, 17.5)),
}
"""Every icon by name."""

_SIZES = (16, 24, 32, 48)
"""Physical pixels. Give icons 16 or 24 logical pixels: they stay sharp at ratios 1, 1.5, 2 and 3."""


class HasIcon(Protocol):
    """A button or an action."""

    def setIcon(self, icon: QIcon) -> None: ...
    def property(self, name: str) -> object: ...
    def setProperty(self, name: str, value: object) -> bool: ...


# not found by findChildren(): PySide would make the window the parent of everything's wrapper, and invalidate those of
# living actions when some row is deleted
_targets: WeakSet[HasIcon] = WeakSet()


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Icon ``name`` in ``colour`` (``#rrggbb``), ``size`` logical pixels square, sharp at device pixel ``ratio``."""
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint(painter, name, QColor(colour), QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def paint(painter: QPainter, name: str, colour: QColor, rect: QRectF) -> None:
    """Draw icon ``name`` in ``colour`` filling ``rect``; for widgets and delegates that draw themselves."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g fill="none" stroke="currentColor"'
        f' stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">{SHAPES[name]}</g></svg>'
    ).replace("currentColor", colour.name())
    QSvgRenderer(QByteArray(svg.encode())).render(painter, rect)


def icon(name: str, colour: str | None = None) -> QIcon:
    """The icon ``name`` in the colours of the current theme, or in the one ``colour`` (``#rrggbb``) given."""
    tokens = theme.current()
    looks = {
        (QIcon.Mode.Normal, QIcon.State.Off): colour or tokens.muted,
        (QIcon.Mode.Active, QIcon.State.Off): colour or tokens.text,
        (QIcon.Mode.Selected, QIcon.State.Off): colour or tokens.text,
        (QIcon.Mode.Disabled, QIcon.State.Off): tokens.faint,
        (QIcon.Mode.Normal, QIcon.State.On): colour or tokens.accent,
        (QIcon.Mode.Active, QIcon.State.On): colour or tokens.accent_hover,
    }
    result = QIcon()
    for size in _SIZES:
        shape = pixmap(name, tokens.text, size)
        for (mode, state), look in looks.items():
            result.addPixmap(_tinted(shape, look), mode, state)
    return result


def _tinted(shape: QPixmap, colour: str) -> QPixmap:
    """``shape`` in another colour: much cheaper than to draw the SVG again."""
    tinted = QPixmap(shape)
    painter = QPainter(tinted)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(tinted.rect(), QColor(colour))
    painter.end()
    return tinted


def set_icon(target: HasIcon, name: str, token: str = "") -> None:
    """Give a button or an action the icon ``name``; :func:`refresh` keeps it in the theme's colours.

    Args:
        token: name of a theme token to draw it in whatever its state; empty for the usual four looks.
    """
    _targets.add(target)
    target.setProperty("iconName", name)
    target.setProperty("iconToken", token)
    target.setIcon(_themed(name, token))


def refresh() -> None:
    """Redraw, in the colours of the current theme, every icon that :func:`set_icon` has given."""
    redrawn: dict[tuple[str, str], QIcon] = {}
    for target in [target for target in _targets if isValid(target)]:
        look = (str(target.property("iconName")), str(target.property("iconToken") or ""))
        if look not in redrawn:
            redrawn[look] = _themed(*look)
        target.setIcon(redrawn[look])


def _themed(name: str, token: str) -> QIcon:
    return icon(name, getattr(theme.current(), token) if token else None)
