from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latent_debugger.views import theme
from latent_debugger.views.charts.chart import Chart, Line

STEPS = np.arange(0.0, 5000.0, 5.0)


def lines(*, dashed: bool = False) -> list[Line]:
    held_out = np.full(len(STEPS), np.nan)
    held_out[::10] = 1.0
    return [Line("training", "accent", STEPS, 3 - STEPS / 5000), Line("held-out", "warning", STEPS, held_out, dashed)]


@pytest.fixture
def chart(qtbot: QtBot, qapp: QApplication) -> Chart:
    theme.apply(qapp, "dark")
    made = Chart()
    made.resize(600, 240)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    QApplication.processEvents()
    return made


def colours(chart: Chart) -> set[str]:
    image = chart.grab().toImage()
    return {QColor(image.pixel(x, y)).name() for x in range(60, image.width()) for y in range(image.height() - 40)}


def test_it_shows_everything_until_somebody_zooms(chart: Chart) -> None:
    chart.set_lines(lines(), fill=True)
    left, right = chart.getViewBox().viewRange()[0]
    assert left <= 0 and right >= STEPS[-1]
    more = np.arange(0.0, 9000.0, 5.0)
    chart.set_lines([Line("training", "accent", more, np.ones(len(more)))])
    assert chart.getViewBox().viewRange()[0][1] >= more[-1]


def test_a_zoom_stays_where_it_is_and_a_double_click_leaves_it(chart: Chart, qtbot: QtBot) -> None:
    chart.set_lines(lines())
    told: list[bool] = []
    chart.zoomed.connect(told.append)
    box = chart.getViewBox()
    box.setXRange(1000, 2000, padding=0)
    box.sigRangeChangedManually.emit([True, False])
    chart.set_lines(lines())
    assert box.viewRange()[0] == [1000, 2000]
    assert chart.values_at(1500) == pytest.approx([3 - 1500 / 5000, 1.0])
    qtbot.mouseDClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    assert box.viewRange()[0][0] <= 0 and box.viewRange()[0][1] >= STEPS[-1]
    assert told == [True, False]


def test_the_height_follows_what_is_drawn(chart: Chart) -> None:
    chart.set_lines(lines())
    low, high = chart.getViewBox().viewRange()[1]
    assert low < 1 and high > 3 and high - low < 4


def test_values_at_the_end_are_the_newest(chart: Chart) -> None:
    chart.set_lines(lines())
    chart.set_smoothing(0.3)
    newest = chart.values_at(None)
    assert newest[0] == pytest.approx(3 - STEPS[-1] / 5000, abs=0.02) and newest[1] == pytest.approx(1.0)


def test_the_cursor_tells_its_step(chart: Chart) -> None:
    chart.set_lines(lines())
    told: list[float | None] = []
    chart.reading.connect(told.append)
    box = chart.getViewBox()
    middle = box.sceneBoundingRect().center()
    chart.scene().sigMouseMoved.emit(middle)
    chart.scene().sigMouseMoved.emit(QPointF(-5, -5))
    assert told[0] == pytest.approx(box.mapSceneToView(middle).x()) and told[1] is None


def test_colours_are_the_themes_in_both_themes(chart: Chart, qapp: QApplication) -> None:
    chart.set_lines([Line("training", "accent", STEPS, np.full(len(STEPS), 2.0))])
    for name, tokens in (("dark", theme.DARK), ("light", theme.LIGHT)):
        theme.apply(qapp, name)  # type: ignore[arg-type]
        QApplication.processEvents()
        seen = colours(chart)
        assert tokens.surface in seen and tokens.accent in seen
    theme.apply(qapp, "dark")


def test_lines_come_and_go(chart: Chart) -> None:
    for count in (2, 1, 0, 2):
        chart.set_lines(lines()[:count], fill=True)
        assert len(chart.values_at(None)) == count
    chart.set_lines([Line("empty", "accent", STEPS, np.full(len(STEPS), np.nan))])
    assert chart.values_at(None) == [None]


def test_the_axis_makes_room_for_its_numbers_and_keeps_it(chart: Chart) -> None:
    def drawn(values: np.ndarray) -> float:
        chart.set_lines([Line("training", "accent", STEPS, values)])
        for _ in range(3):  # how wide the numbers are is known once they are drawn
            chart.grab()
            QApplication.processEvents()
        axis = chart.getPlotItem().getAxis("left")
        label = axis.mapRectFromItem(axis.label, axis.label.boundingRect())
        widest = QFontMetricsF(axis.style["tickFont"]).horizontalAdvance("0.0002")
        if values[0] < 0.001:
            assert axis.width() - axis.style["tickTextOffset"][0] - widest >= label.right() - 8  # its margins
        return axis.width()

    chart.set_axis("step size")
    narrow = drawn(np.linspace(1, 2, len(STEPS)))
    wide = drawn(np.full(len(STEPS), 0.0002))
    assert wide > narrow
    assert drawn(np.linspace(1, 2, len(STEPS))) == wide
    chart.set_axis("loss")
    assert drawn(np.linspace(1, 2, len(STEPS))) == narrow


def test_a_million_points_become_a_few(chart: Chart) -> None:
    x = np.arange(1e6)
    chart.set_lines([Line("training", "accent", x, np.sin(x / 1e4))])
    drawn, _ = chart._items[0][1].getData()
    assert 100 < len(drawn) < 1000


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_lines_are_as_wide_on_a_fine_screen(chart: Chart, monkeypatch: pytest.MonkeyPatch, ratio: float) -> None:
    chart.set_lines(lines())
    monkeypatch.setattr(Chart, "devicePixelRatioF", lambda _: ratio)
    QApplication.sendEvent(chart, QEvent(QEvent.Type.DevicePixelRatioChange))
    assert [mean.opts["pen"].widthF() for _, mean in chart._items] == [1.5 * ratio] * 2


def test_what_was_measured_once_is_a_dot(chart: Chart, qapp: QApplication) -> None:
    chart.set_lines([Line("training", "accent", np.array([12.0]), np.array([0.1]))])
    assert QColor(theme.current().accent).name() in colours(chart)
    assert chart._axes["bottom"].tickStrings([11.8, 12.000000002, 12.2], 1, 0.2) == ["", "12", ""]
    theme.apply(qapp, "light")
    assert QColor(theme.current().accent).name() in colours(chart)
    theme.apply(qapp, "dark")
    chart.set_lines(lines())
    assert not len(chart._dots.points())
