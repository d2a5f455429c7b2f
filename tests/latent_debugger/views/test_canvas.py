"""The canvas draws the newest picture, right to the last pixel, and says when it has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QEnterEvent, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latent_debugger.views import theme
from latent_debugger.views.canvas import MARGIN, ImageCanvas, to_qimage


@pytest.fixture
def canvas(qtbot: QtBot, qapp: QApplication) -> ImageCanvas:
    theme.apply(qapp, "dark")
    widget = ImageCanvas()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def noise(height: int, width: int, channels: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def pixels(image: QImage) -> np.ndarray:
    """uint8 (height, width, 4) of any QImage."""
    converted = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(converted.constBits(), np.uint8).reshape(converted.height(), converted.width(), 4).copy()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3, 4]))
def test_any_width_arrives_pixel_for_pixel(qapp: QApplication, height: int, width: int, channels: int) -> None:
    picture = noise(height, width, channels)
    seen = pixels(to_qimage(picture))
    wanted = picture if channels > 1 else np.repeat(picture, 3, axis=2)
    np.testing.assert_array_equal(seen[:, :, : wanted.shape[2]], wanted)


def test_the_picture_keeps_its_own_memory(qapp: QApplication) -> None:
    picture = noise(8, 8, 3)
    image, before = to_qimage(picture), picture.copy()
    picture[:] = 0
    np.testing.assert_array_equal(pixels(image)[:, :, :3], before)


def test_a_view_with_strides_is_packed_first(qapp: QApplication) -> None:
    picture = noise(20, 20, 3)[::2, ::-2]
    np.testing.assert_array_equal(pixels(to_qimage(picture))[:, :, :3], picture)


@pytest.mark.parametrize("shape", [(4, 4, 2), (4, 4, 5), (4,), (0, 4, 3)])
def test_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a picture is"):
        to_qimage(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(("height", "width", "channels"), [(33, 33, 3), (33, 33, 1), (31, 17, 3), (64, 64, 4)])
def test_nearest_draws_whole_squares(canvas: ImageCanvas, height: int, width: int, channels: int) -> None:
    picture = noise(height, width, channels)
    if channels == 4:
        picture[:, :, 3] = 255
    canvas.set_frame(picture, 1)
    canvas.star.hide()
    box = canvas.picture_rect().toRect()
    scale = box.width() // width
    assert (box.width(), box.height()) == (scale * width, scale * height)
    seen = pixels(canvas.grab(box).toImage())[scale // 2 :: scale, scale // 2 :: scale]
    wanted = picture if channels > 1 else np.repeat(picture, 3, axis=2)
    np.testing.assert_array_equal(seen[:, :, :3], wanted[:, :, :3])


@pytest.mark.parametrize("smooth", [False, True])
@pytest.mark.parametrize("side", [32, 64, 100, 256, 1024])
def test_as_large_as_it_goes(canvas: ImageCanvas, side: int, smooth: bool) -> None:
    canvas.set_smooth(smooth)
    canvas.set_frame(noise(side, side, 3), 1)
    rect, room = canvas.picture_rect(), canvas.height() - 2 * MARGIN
    assert room * (0.99 if smooth else 7 / 8) - 1 <= rect.height() <= room + 1
    assert abs(rect.center().x() - canvas.width() / 2) <= 1
    assert abs(rect.center().y() - canvas.height() / 2) <= 1


def test_painted_once_for_each_generation(canvas: ImageCanvas, qtbot: QtBot) -> None:
    seen: list[int] = []
    canvas.painted.connect(seen.append)
    for generation in (3, 5):
        with qtbot.waitSignal(canvas.painted):
            canvas.set_frame(noise(8, 8, 3), generation)
        canvas.repaint()
    assert seen == [3, 5]


def test_only_what_reaches_the_screen_counts_as_painted(canvas: ImageCanvas, qtbot: QtBot) -> None:
    seen: list[int] = []
    canvas.painted.connect(seen.append)
    for generation in range(1, 6):
        canvas.set_frame(noise(8, 8, 3, generation), generation)
    assert seen == [], "painted before it was drawn"
    canvas.repaint()
    assert seen == [5]


def test_an_older_frame_is_dropped(canvas: ImageCanvas) -> None:
    newest = noise(8, 8, 3, 1)
    assert canvas.set_frame(newest, 7)
    assert not canvas.set_frame(noise(8, 8, 3, 2), 6)
    assert not canvas.set_frame(noise(8, 8, 3, 2), 7)
    assert canvas.generation == 7
    np.testing.assert_array_equal(pixels(canvas.picture)[:, :, :3], newest)


def test_clearing_hides_the_star_and_does_not_count_as_painted(canvas: ImageCanvas, qtbot: QtBot) -> None:
    canvas.set_frame(noise(8, 8, 3), 1)
    with qtbot.assertNotEmitted(canvas.painted):
        canvas.clear()
        canvas.repaint()
    assert canvas.picture.isNull()
    assert not canvas.star.isVisible()


def test_the_star_answers_the_mouse_and_the_keyboard(canvas: ImageCanvas, qtbot: QtBot) -> None:
    canvas.set_frame(noise(64, 64, 3), 1)
    assert canvas.picture_rect().toAlignedRect().contains(canvas.star.geometry())
    with qtbot.waitSignal(canvas.star_clicked):
        qtbot.mouseClick(canvas.star, Qt.MouseButton.LeftButton)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        with qtbot.waitSignal(canvas.star_clicked):
            qtbot.keyClick(canvas.star, key)


def test_the_star_is_quiet_until_the_pointer_is_near_or_it_is_filled(canvas: ImageCanvas) -> None:
    canvas.set_frame(np.full((64, 64, 3), 200, np.uint8), 1)

    def tones() -> int:
        return len(np.unique(pixels(canvas.grab(canvas.star.geometry()).toImage())[:, :, 0]))

    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert tones() == 1
    canvas.enterEvent(QEnterEvent(QPointF(9, 9), QPointF(9, 9), QPointF(9, 9)))
    assert tones() > 10
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    canvas.set_starred(True)
    assert tones() > 10
    assert canvas.star.accessibleName() == "This picture is starred"


def test_the_ground_follows_the_theme(canvas: ImageCanvas, qapp: QApplication) -> None:
    for name, tokens in (("light", theme.LIGHT), ("dark", theme.DARK)):
        theme.apply(qapp, name)
        assert canvas.grab().toImage().pixelColor(3, 3).name() == tokens.canvas


def test_dropping_a_file(canvas: ImageCanvas, qtbot: QtBot, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.safetensors"))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    canvas.dragEnterEvent(enter)
    assert enter.isAccepted()
    assert theme.DARK.accent in {canvas.grab().toImage().pixelColor(x, 150).name() for x in range(20)}
    with qtbot.waitSignal(canvas.file_dropped) as dropped:
        canvas.dropEvent(QDropEvent(QPointF(5, 5), copy, data, left, none))
    assert dropped.args == [tmp_path / "a.safetensors"]


def test_dragging_words_is_refused(canvas: ImageCanvas) -> None:
    data = QMimeData()
    data.setText("hello")
    enter = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    enter.ignore()
    canvas.dragEnterEvent(enter)
    assert not enter.isAccepted()
