"""The views of a path: what they show, what they say the user wants, and how keys and the mouse say it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gan.instruments.paths import KeyFrame, Route
from gan.latent.draws import draw
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.path import FilmOptions, Key, Plan
from latent_debugger.views import theme
from latent_debugger.views.charts.speed_chart import SpeedChart, _round
from latent_debugger.views.path_arithmetic import NO_MODEL, NO_STARS, ArithmeticPage
from latent_debugger.views.path_export_dialog import PathExportDialog
from latent_debugger.views.path_model import KeyModel
from latent_debugger.views.path_panel import PathPanel
from latent_debugger.views.path_settings import PathSettings
from latent_debugger.views.path_strip import KEYS_MIME, KeyStrip
from latent_debugger.views.star_list import STARS_MIME
from latent_debugger.views.thumbnails import Role

ACTIONS = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier
PLAN = Plan(tuple(Key(z_bytes(z), name) for z, name in zip(draw(5, 3, 0), "abcde", strict=True)))


@pytest.fixture
def strip(qtbot: QtBot) -> KeyStrip:
    model = KeyModel()
    made = KeyStrip(model)
    model.setParent(made)
    qtbot.addWidget(made)
    model.set_plan(PLAN)
    made.resize(600, made.height())
    made.show()
    return made


def test_a_tile_tells_name_time_and_easing() -> None:
    model = KeyModel()
    model.set_plan(PLAN.changed([1], seconds=2.5, easing="in"))
    assert [model.timing(row) for row in range(5)] == ["1 s", "2.5 s · slow start", "1 s", "1 s", "end"]
    model.set_plan(Plan(model.keys, loop=True, even=True))
    assert [model.timing(row) for row in (1, 4)] == ["2.5 s", "1 s"]
    index = model.index(1)
    assert index.data() == "b" and "2: b, 2.5 s" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    red = QImage(4, 4, QImage.Format.Format_RGB888)
    model.set_pictures({PLAN.keys[1].z: red})
    assert index.data(Role.PICTURE) == red and model.index(0).data(Role.PICTURE) is None
    model.set_plan(Plan((Key(b"\0" * 12),)))
    assert model.index(0).data() == "Key frame 1"


def test_keys_move_remove_and_open(strip: KeyStrip) -> None:
    said: list[object] = []
    strip.moved.connect(lambda rows, before: said.append((rows, before)))
    strip.removed.connect(said.append)
    strip.opened.connect(said.append)
    strip.select([1, 2])
    assert strip.rows() == [1, 2]
    QTest.keyClick(strip, Qt.Key.Key_Left, ALT)
    strip.select([1, 2])
    QTest.keyClick(strip, Qt.Key.Key_Right, ALT)
    strip.select([0])
    QTest.keyClick(strip, Qt.Key.Key_Left, ALT)
    strip.select([3])
    QTest.keyClick(strip, Qt.Key.Key_Return)
    QTest.keyClick(strip, Qt.Key.Key_Delete)
    strip.clearSelection()
    QTest.keyClick(strip, Qt.Key.Key_Delete)
    assert said == [([1, 2], 0), ([1, 2], 4), 3, [3]]


def test_key_frames_and_stars_are_dropped_between_others(strip: KeyStrip) -> None:
    said: list[object] = []
    strip.moved.connect(lambda rows, before: said.append((rows, before)))
    strip.dropped.connect(lambda ids, before: said.append((ids, before)))
    stars, files = QMimeData(), QMimeData()
    stars.setData(STARS_MIME, b"x\ny")
    files.setUrls([QUrl.fromLocalFile("/a.npy")])
    middle = strip.visualRect(strip.model().index(2)).center()
    for at in (middle - QPoint(5, 0), middle + QPoint(5, 0), QPoint(590, 10)):
        enter = QDragEnterEvent(at, ACTIONS, stars, *PLAIN)
        strip.dragEnterEvent(enter)
        assert enter.isAccepted()
        strip.dragMoveEvent(QDragMoveEvent(at, ACTIONS, stars, *PLAIN))
        assert not strip.grab().isNull()  # with the line that shows the gap
        strip.dropEvent(QDropEvent(QPointF(at), ACTIONS, stars, *PLAIN))
    rows = QMimeData()
    rows.setData(KEYS_MIME, b"0\n3\nx")
    strip.dropEvent(QDropEvent(QPointF(1, 1), ACTIONS, rows, *PLAIN))
    assert said == [(("x", "y"), 2), (("x", "y"), 3), (("x", "y"), 5), ([0, 3], 0)]
    for foreign in (files, rows):  # another window's rows mean nothing here
        enter = QDragEnterEvent(middle, ACTIONS, foreign, *PLAIN)
        strip.dragEnterEvent(enter)
        assert not enter.isAccepted()


def test_settings_show_the_selection_or_all(qtbot: QtBot) -> None:
    settings = PathSettings()
    qtbot.addWidget(settings)
    said: list[object] = []
    for signal in (settings.seconds_changed, settings.easing_changed, settings.way_changed, settings.even_changed):
        signal.connect(said.append)
    plan = PLAN.changed([2], seconds=7.0, easing="out")
    settings.show_plan(plan, [2])
    assert settings.seconds.value() == 7 and settings.easing.currentData() == "out" and not said
    settings.show_plan(plan, [])
    assert settings.seconds.value() == 1 and settings.easing.currentIndex() == -1, "they differ"
    settings.show_plan(Plan(plan.keys, "lerp", True, True), [0])
    assert settings.way.currentData() == "lerp" and settings.loop.isChecked() and settings.even.isChecked()
    assert not settings.easing.isEnabled() and not said
    settings.seconds.setValue(3)
    settings.even.click()
    assert said == [3.0, False]


@pytest.fixture
def panel(qtbot: QtBot) -> PathPanel:
    made = PathPanel()
    qtbot.addWidget(made)
    made.add_actions(QAction(made), [QAction(made)], [QAction(made)], [QAction(made)])
    made.set_model(True)
    made.resize(900, 300)
    made.show()
    return made


def test_the_panel_says_how_to_begin_and_then_how_long_it_is(panel: PathPanel) -> None:
    assert panel.empty.isVisible() and not panel.track.strip.isVisible()
    panel.set_plan(PLAN)
    assert panel.track.strip.isVisible() and panel.told.text() == "5 key frames · 4.0 s"
    panel.track.set_time(1.25)
    assert panel.track.time.text() == "1.25 of 4.00 s" and panel.track.slider.value() == 1250
    panel.set_plan(Plan(PLAN.keys[:1]))
    assert panel.told.text() == "1 key frame" and not panel.track.slider.isEnabled() and panel.track.slider.value() == 0
    panel.set_page("arithmetic")
    assert panel.arithmetic.isVisible()


def test_the_panel_scrubs_plays_and_stops(panel: PathPanel) -> None:
    said: list[object] = []
    panel.track.moved.connect(said.append)
    panel.play_toggled.connect(lambda: said.append("play"))
    panel.stopped.connect(lambda: said.append("stop"))
    panel.set_plan(PLAN)
    panel.track.slider.setValue(2000)
    panel.track.slider.setFocus()
    QTest.keyClick(panel.track.slider, Qt.Key.Key_Space)
    QTest.keyClick(panel.track.slider, Qt.Key.Key_Right)
    QTest.keyClick(panel.track.strip, Qt.Key.Key_Space)
    QTest.keyClick(panel.track.strip, Qt.Key.Key_Escape)
    assert said == [2.0, "play", pytest.approx(2.033), "play", "stop"]
    panel.set_page("arithmetic")
    QTest.keyClick(panel, Qt.Key.Key_Space)
    assert said[-1] == "stop"


def test_measuring_shows_how_far_it_is_and_then_what_came_of_it(panel: PathPanel) -> None:
    panel.set_plan(PLAN)
    panel.track.set_measuring(0.4)
    assert "40 %" in panel.track.reading.text() and panel.track.cancel.isVisible()
    times = np.linspace(0, 4, 9)
    panel.track.set_speed(times, np.ones(9), [4], [0, 1, 2], "words")
    assert panel.track.reading.text() == "words" and not panel.track.cancel.isVisible()
    assert panel.track.chart is not None and panel.track.chart.isVisible()
    panel.track.clear_speed("none")
    assert not panel.track.chart.isVisible() and panel.track.reading.text() == "none"


def test_a_click_into_the_chart_goes_there(qtbot: QtBot) -> None:
    chart = SpeedChart()
    qtbot.addWidget(chart)
    chart.resize(640, 120)
    chart.show()
    qtbot.waitExposed(chart)
    went: list[float] = []
    chart.moved.connect(went.append)
    QTest.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 50))
    assert not went, "there is no path yet"
    chart.set_speed(np.array([0.5, 1.5, 2.5]), np.array([1.0, 5.0, 1.0]), [1], 3.0)
    chart.set_keys([0, 1, 2, 3])
    chart.set_keys([0, 3])
    chart.set_time(1.0)
    QApplication.processEvents()
    for x in (2, 340, 639):
        QTest.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 50))
    assert went[0] == 0 and went[-1] == 3 and 1.2 < went[1] < 1.8
    before = chart._cliffs.opts["brush"].color()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    now = theme.current()
    theme.apply(app, "light" if now.dark else "dark")
    assert chart._cliffs.opts["brush"].color() != before
    theme.apply(app, "dark" if now.dark else "light")


@pytest.mark.parametrize(("value", "wanted"), [(0.0, 0.0), (0.63, 0.6), (1.0, 1.0), (19.9, 10.0), (0.0345, 0.03)])
def test_the_mark_on_the_axis_is_a_round_number(value: float, wanted: float) -> None:
    assert _round(value) == pytest.approx(wanted)


def test_the_calculator(qtbot: QtBot) -> None:
    page = ArithmeticPage()
    qtbot.addWidget(page)
    page.show()
    assert page.told.text() == NO_MODEL
    page.set_model(True)
    assert page.told.text() == NO_STARS and not page.boxes[0].isVisible()
    changes: list[None] = []
    page.changed.connect(lambda: changes.append(None))
    page.set_entries([("a", "Ann"), ("b", "Bea"), ("c", "Cleo")])
    page.choose(("a", "", "c"))
    assert page.chosen() == ("a", "", "c") and page.boxes[0].isVisible() and len(changes) == 1
    page.set_entries([("x", "Xena"), ("c", "Cleo"), ("a", "Anna")])
    assert page.chosen() == ("a", "", "c") and page.boxes[0].currentText() == "Anna" and len(changes) == 1
    page.set_entries([("c", "Cleo")])
    assert page.chosen() == ("", "", "c") and len(changes) == 2
    page.set_result("Cleo", "")
    assert page.go.isEnabled() and page.told.text() == "Cleo"
    page.set_result(None, "They cancel.")
    assert not page.go.isEnabled() and page.told.text() == "They cancel."
    picture = QImage(8, 8, QImage.Format.Format_RGB888)
    picture.fill(Qt.GlobalColor.red)
    page.set_picture(0, picture)
    assert page.tiles[0].grab().toImage().pixelColor(48, 48).red() == 255


def test_the_export_dialog_tells_what_it_comes_to(qtbot: QtBot) -> None:
    route = Route(tuple(KeyFrame(z, 2.0) for z in draw(3, 4, 0)))
    dialog = PathExportDialog(FilmOptions("gif", 40, 4, True, "best"), route, 64)
    qtbot.addWidget(dialog)
    asked: list[FilmOptions] = []
    dialog.export_requested.connect(asked.append)
    assert dialog.options() == FilmOptions("gif", 40, 4, True, "best")
    assert dialog.told.text() == "4.0 s, 161 pictures, 256 × 256 pixels" and not dialog.quality.isEnabled()
    assert dialog.fps.maximum() == 50
    dialog.kind.setCurrentIndex(0)
    assert dialog.fps.maximum() == 60 and dialog.quality.isEnabled()
    dialog.export.click()
    assert asked == [FilmOptions("mp4", 40, 4, True, "best")]
    large = PathExportDialog(FilmOptions(scale=16), route, 1024)
    qtbot.addWidget(large)
    assert "4096" in large.told.text() and not large.export.isEnabled()
