"""A map over the picture: its colours, its words, and that it goes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latent_debugger.views import theme
from latent_debugger.views.canvas import ImageCanvas
from latent_debugger.views.canvas_heat import to_heat

EFFECT = Qt.UIEffect.UI_FadeTooltip


@pytest.fixture(params=[False, True], ids=["at once", "fading"])
def canvas(qtbot: QtBot, qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[ImageCanvas]:
    theme.apply(qapp, "dark")
    before = QApplication.isEffectEnabled(EFFECT)
    QApplication.setEffectEnabled(EFFECT, request.param)
    canvas = ImageCanvas()
    canvas.resize(300, 300)
    qtbot.addWidget(canvas)
    canvas.show()
    yield canvas
    QApplication.setEffectEnabled(EFFECT, before)


def middle(canvas: ImageCanvas, x: float = 0.75) -> QColor:
    place = canvas.picture_rect()
    return canvas.grab().toImage().pixelColor(round(place.left() + x * place.width()), round(place.center().y()))


def test_strength_becomes_density() -> None:
    heat = to_heat(np.array([[0.0, 2.0], [4.0, 1.0]], np.float32))
    alphas = [heat.pixelColor(x, y).alpha() for y in (0, 1) for x in (0, 1)]
    assert alphas[0] == 0 and alphas[0] < alphas[3] < alphas[1] < alphas[2]
    assert alphas[2] == round(0.9 * 255)
    strongest = heat.pixelColor(0, 1)
    assert strongest.red() > strongest.blue() > strongest.green()
    blank = to_heat(np.zeros((2, 3), np.float32))
    assert (blank.width(), blank.height()) == (3, 2) and blank.pixelColor(1, 1).alpha() == 0


@pytest.mark.parametrize("shade", [0, 255])
def test_it_is_seen_on_black_and_on_white_and_goes_again(canvas: ImageCanvas, qtbot: QtBot, shade: int) -> None:
    canvas.set_frame(np.full((8, 8, 3), shade, np.uint8), 1)
    strengths = np.zeros((8, 8), np.float32)
    strengths[:, 4:] = 1
    canvas.heat.show(strengths, "z 3")
    assert canvas.heat.shown and canvas.heat.text == "z 3"
    qtbot.waitUntil(lambda: middle(canvas).saturation() > 120)
    assert middle(canvas, 0.25).saturation() == 0
    canvas.heat.hide()
    assert not canvas.heat.shown and not canvas.heat.text
    qtbot.waitUntil(lambda: middle(canvas) == QColor(shade, shade, shade))


def test_the_picture_turns_grey_below_it(canvas: ImageCanvas, qtbot: QtBot) -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[:] = (220, 150, 90)
    canvas.set_frame(picture, 1)
    assert middle(canvas).saturation() > 100
    canvas.heat.show(np.zeros((8, 8), np.float32), "")
    qtbot.waitUntil(lambda: middle(canvas).saturation() == 0)
    canvas.heat.hide(at_once=True)
    assert middle(canvas).saturation() > 100


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_and_transparent_pictures(canvas: ImageCanvas, channels: int) -> None:
    canvas.set_frame(np.full((8, 8, channels), 100, np.uint8), 1)
    canvas.heat.show(np.ones((4, 4), np.float32), "a long line of words " * 20)
    assert not canvas.grab().isNull()


def test_frames_are_announced_once_whatever_fades(canvas: ImageCanvas, qtbot: QtBot) -> None:
    painted: list[object] = []
    canvas.painted.connect(painted.append)
    canvas.set_frame(np.zeros((8, 8, 3), np.uint8), 1)
    canvas.grab()
    canvas.heat.show(np.ones((8, 8), np.float32), "z 1")
    qtbot.wait(200)
    canvas.grab()
    assert painted == [1]
