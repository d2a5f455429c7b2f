"""Colours that can be read, a theme that reaches everything, icons that follow it."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from latent_debugger.views import icons, theme

BOTH = pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT], ids=["dark", "light"])


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")


def luminance(colour: str) -> float:
    parts = (QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@BOTH
def test_text_is_readable_on_every_ground(tokens: theme.Tokens) -> None:
    grounds = (tokens.window, tokens.canvas, tokens.surface, tokens.raised, tokens.hover)
    for ink, ground in itertools.product((tokens.text, tokens.muted), grounds):
        assert contrast(ink, ground) >= 4.5, (ink, ground)
    for ink, ground in itertools.product(
        (tokens.accent, tokens.danger, tokens.warning), (tokens.surface, tokens.raised)
    ):
        assert contrast(ink, ground) >= 4.5, (ink, ground)
    assert contrast(tokens.text, tokens.selection) >= 4.5
    assert contrast(tokens.accent_text, tokens.accent) >= 4.5
    assert contrast(tokens.accent_text, tokens.accent_hover) >= 4.5


@BOTH
def test_nothing_is_as_bright_as_a_white_picture(tokens: theme.Tokens) -> None:
    for ground in (tokens.window, tokens.canvas, tokens.surface, tokens.raised, tokens.selection):
        assert luminance(ground) < 0.95
    assert contrast("#ffffff", tokens.canvas) > 1.3


def test_switching_changes_palette_stylesheet_and_tokens(qapp: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme.themed.changed):
        theme.apply(qapp, "light")
    assert theme.current() is theme.LIGHT
    assert qapp.palette().window().color() == QColor(theme.LIGHT.surface)
    assert theme.LIGHT.accent in qapp.styleSheet()
    assert theme.DARK.accent not in qapp.styleSheet()


def test_the_same_theme_again_is_no_change(qapp: QApplication, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(theme.themed.changed):
        theme.apply(qapp, "dark")


def test_there_and_back_again_looks_the_same_and_dresses_nothing_a_dozen_times(
    qapp: QApplication, qtbot: QtBot
) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    column = QVBoxLayout(root)
    for kind in (QLabel, QPushButton, QLineEdit, QComboBox, QSpinBox, QSlider, QTabBar):
        column.addWidget(kind())
    deep = root
    for _ in range(12):
        outer = QVBoxLayout(deep) if deep.layout() is None else deep.layout()
        deep = QWidget()
        outer.addWidget(deep)
    for child in root.findChildren(QWidget):
        child.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it may come at any time, and would be seen
    root.show()
    qtbot.waitExposed(root)
    before = root.grab().toImage()
    told = Counted()
    deep.installEventFilter(told)
    theme.apply(qapp, "light")
    assert 0 < told.count <= 4
    assert root.grab().toImage() != before
    theme.apply(qapp, "dark")
    QApplication.processEvents()
    assert root.grab().toImage() == before


class Counted(QObject):
    """How often the style was said to be another."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.StyleChange
        return False


@BOTH
def test_the_stylesheet_has_no_token_left_and_every_asset_exists(tokens: theme.Tokens) -> None:
    sheet = theme.stylesheet(tokens)
    assert "$" not in sheet
    names = {part.partition(")")[0] for part in sheet.split("url(assets:")[1:]}
    assert names
    for name in names:
        assert (theme._ASSETS / name).is_file(), name


def test_numbers_are_tabular(qapp: QApplication) -> None:
    assert theme.numbers_font().featureValue(theme.QFont.Tag("tnum")) == 1


@pytest.mark.parametrize("name", sorted(icons.SHAPES))
def test_every_icon_draws_inside_its_square(qapp: QApplication, name: str) -> None:
    image = icons.pixmap(name, "#ff0000", 24, 2.0).toImage()
    assert (image.width(), image.height(), image.devicePixelRatio()) == (48, 48, 2.0)
    inked = [(x, y) for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() > 128]
    assert len(inked) > 20
    assert all(image.pixelColor(x, y).red() > 200 and image.pixelColor(x, y).green() < 40 for x, y in inked)
    edge = [image.pixelColor(x, y).alpha() for x in range(48) for y in (0, 47)]
    edge += [image.pixelColor(x, y).alpha() for x in (0, 47) for y in range(48)]
    assert max(edge) < 128, "cut off at the edge"


def test_icons_follow_the_theme(qapp: QApplication, qtbot: QtBot) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    button = QToolButton(root)
    icons.set_icon(button, "lock")
    assert darkest_ink(button) == QColor(theme.DARK.muted)
    theme.apply(qapp, "light")
    icons.refresh()
    assert darkest_ink(button) == QColor(theme.LIGHT.muted)


def darkest_ink(button: QToolButton) -> QColor:
    """The colour of the middle of the (filled) lock."""
    return button.icon().pixmap(24, 24).toImage().pixelColor(12, 16)
