"""How the window looks: two sets of colours, one stylesheet, figures that do not dance.

Panels lie on a darker ground and never hold a box inside a box. In both themes every surface is darker than white, so
that the picture is the brightest thing on the screen. The only hue of the chrome is the accent; amber and red appear
when something needs attention.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

Theme = Literal["system", "light", "dark"]

UNIT = 8
"""Every gap and height is a multiple of this many pixels (or half of it)."""

_ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True)
class Tokens:
    """The colours of one theme, as ``#rrggbb``. Text colours reach 4.5:1 on every ground they are used on."""

    dark: bool
    window: str
    """The ground between the panels; menu bar and status bar."""
    canvas: str
    """The ground the picture lies on."""
    surface: str
    """A panel."""
    raised: str
    """Fields and buttons on a panel; menus."""
    hover: str
    """A raised thing under the pointer."""
    pressed: str
    """A raised thing being pressed; the groove of a slider."""
    border: str
    """Hair lines, outlines of fields."""
    text: str
    muted: str
    """Labels, captions, icons at rest."""
    faint: str
    """Disabled text."""
    accent: str
    accent_hover: str
    accent_text: str
    """Text on the accent."""
    selection: str
    """The ground of a selected row; ``text`` is readable on it."""
    danger: str
    warning: str


DARK = Tokens(
    dark=True,
    window="#0f1113",
    canvas="#0f1113",
    surface="#191c1f",
    raised="#24282c",
    hover="#2d3237",
    pressed="#353b41",
    border="#33393f",
    text="#e4e7ea",
    muted="#9aa2aa",
    faint="#5d656d",
    accent="#4fc7b5",
    accent_hover="#6bd6c6",
    accent_text="#06211d",
    selection="#1f3f3b",
    danger="#ff8a80",
    warning="#f2b84b",
)

LIGHT = Tokens(
    dark=False,
    window="#d9dcdf",
    canvas="#d9dcdf",
    surface="#eceeef",
    raised="#f7f8f8",
    hover="#e2e5e7",
    pressed="#cfd4d8",
    border="#c3c9ce",
    text="#1b2024",
    muted="#515a62",
    faint="#969ea5",
    accent="#0b7568",
    accent_hover="#095f55",
    accent_text="#ffffff",
    selection="#c5e2de",
    danger="#b3261e",
    warning="#8a5300",
)


class Themed(QObject):
    """Tells widgets that draw themselves, and icons, that the colours changed."""

    changed = Signal()


themed = Themed()
_current = DARK


def current() -> Tokens:
    """The colours in use."""
    return _current


def colour(name: str) -> QColor:
    """The token ``name`` as a colour."""
    return QColor(getattr(_current, name))


def resolve(name: Theme, app: QApplication) -> Tokens:
    """The tokens of a theme; ``system`` asks the desktop, and is dark where the desktop has no opinion."""
    if name == "system":
        return LIGHT if app.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK
    return LIGHT if name == "light" else DARK


def apply(app: QApplication, name: Theme) -> None:
    """Dress the whole application; emits ``themed.changed`` where that changes anything."""
    global _current
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    app.styleHints().setColorScheme(schemes.get(name, Qt.ColorScheme.Unknown))  # native title bars follow
    _current = resolve(name, app)
    sheet = stylesheet(_current)
    if app.styleSheet() == sheet:
        return
    QDir.setSearchPaths("assets", [str(_ASSETS)])
    if app.styleSheet():
        # one sheet for another polishes every widget once for itself and once for each widget it lies in (Qt 6.11:
        # 9,300 times for 1,300 widgets); off and on again is twice in all, and takes half the time
        app.setStyleSheet("")
    else:  # setting the style again would polish every widget twice
        app.setStyle("Fusion")
    app.setPalette(_palette(_current))
    QToolTip.setPalette(_palette(_current))
    app.setStyleSheet(sheet)
    themed.changed.emit()


def numbers_font(base: QFont | None = None) -> QFont:
    """``base`` (default: the application's font) with figures of equal width, so that changing numbers stand still."""
    font = QFont(base if base is not None else QApplication.font())
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def caption_font(base: QFont | None = None) -> QFont:
    """A slightly smaller, bolder font for titles of panels."""
    font = QFont(base if base is not None else QApplication.font())
    font.setWeight(QFont.Weight.DemiBold)
    return font


def stylesheet(tokens: Tokens) -> str:
    """The application's stylesheet in ``tokens``."""
    tone = "dark" if tokens.dark else "light"
    return Template((_ASSETS / "theme.qss").read_text(encoding="utf-8")).substitute(asdict(tokens), tone=tone)


def _palette(tokens: Tokens) -> QPalette:
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, name in {
        roles.Window: tokens.surface,
        roles.WindowText: tokens.text,
        roles.Base: tokens.raised,
        roles.AlternateBase: tokens.surface,
        roles.Text: tokens.text,
        roles.Button: tokens.raised,
        roles.ButtonText: tokens.text,
        roles.BrightText: tokens.danger,
        roles.ToolTipBase: tokens.raised,
        roles.ToolTipText: tokens.text,
        roles.PlaceholderText: tokens.muted,
        roles.Highlight: tokens.accent,
        roles.HighlightedText: tokens.accent_text,
        roles.Accent: tokens.accent,
        roles.Link: tokens.accent,
        roles.LinkVisited: tokens.accent,
        roles.Light: tokens.hover,
        roles.Midlight: tokens.hover,
        roles.Mid: tokens.border,
        roles.Dark: tokens.border,
        roles.Shadow: tokens.window,
    }.items():
        palette.setColor(role, QColor(name))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.PlaceholderText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.faint))
    palette.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, QColor(tokens.pressed))
    return palette
