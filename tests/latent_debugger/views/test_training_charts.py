from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication, QTabBar
from pytestqt.qtbot import QtBot

from latent_debugger.views import theme
from latent_debugger.views.charts.specs import CHARTS
from latent_debugger.views.training_charts import TrainingCharts, figure


@pytest.fixture
def charts(qtbot: QtBot, qapp: QApplication) -> TrainingCharts:
    theme.apply(qapp, "dark")
    made = TrainingCharts()
    made.resize(800, 260)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.smoothing.setValue(0)
    return made


def log(n: int = 50) -> dict[str, np.ndarray]:
    steps = np.arange(1.0, n + 1)
    held_out = np.full(n, np.nan)
    held_out[::7] = 2.0
    return {"step": steps, "wasserstein": 5 - steps / n, "wasserstein_held_out": held_out, "critic_loss": -steps}


def test_without_a_log_it_says_what_to_wait_for_and_makes_no_chart(charts: TrainingCharts) -> None:
    charts.set_metrics({"step": np.empty(0)})
    assert charts._chart is None and not charts._empty.isHidden()


def test_the_legend_tells_the_newest_values_and_the_gap(charts: TrainingCharts) -> None:
    charts.set_metrics(log())
    assert charts.text() == "step 50: training 4, held-out 2, gap 2"
    assert "held-" not in charts._legend.text(), "a line could end there"


def test_the_gap_is_taken_where_both_were_measured(charts: TrainingCharts) -> None:
    metrics = log(52)
    metrics["wasserstein"] = np.where(metrics["step"] > 50, 0.0, 4.0)  # nobody looked at held-out pictures since
    charts.set_metrics(metrics)
    assert charts.text() == "step 52: training 0, held-out 2, gap 2 at step 50"
    charts._chart.reading.emit(9.0)
    assert charts.text() == "step 9: training 4, held-out 2, gap 2 at step 8"


def test_without_held_out_pictures_there_is_no_gap(charts: TrainingCharts) -> None:
    alone = {name: column for name, column in log().items() if name != "wasserstein_held_out"}
    charts.set_metrics(alone)
    charts.set_other("cats", alone)
    assert charts.text() == "step 50: training 4, cats: training 4"


def test_the_legend_follows_the_cursor(charts: TrainingCharts) -> None:
    charts.set_metrics(log())
    charts._chart.reading.emit(25.2)
    assert charts.text().startswith("step 25: training 4.5")
    charts._chart.reading.emit(None)
    assert charts.text().startswith("step 50")


def test_charts_without_values_cannot_be_chosen(charts: TrainingCharts) -> None:
    charts.set_metrics(log())
    tabs = charts.findChild(QTabBar, "training.chart")
    assert [CHARTS[i].key for i in range(tabs.count()) if tabs.isTabEnabled(i)] == ["estimate", "losses"]
    tabs.setCurrentIndex(1)
    assert charts.text() == "step 50: critic -50"


def test_another_run_is_drawn_behind(charts: TrainingCharts) -> None:
    asked: list[object] = []
    charts.compare_requested.connect(asked.append)
    charts.set_metrics(log())
    charts.set_others([("cats", Path("/cats")), ("<b>", Path("/b"))])
    charts.compare.setCurrentIndex(1)
    charts.compare.activated.emit(1)
    assert asked == [Path("/cats")]
    charts.set_other("<b>", log(80))
    assert "<b>: training 4" in charts.text()
    assert "&lt;b&gt;" in charts._legend.text() and "<b></b>" not in charts._legend.text()  # any name will do
    charts.set_others([])
    assert asked == [Path("/cats"), None] and charts.compare.currentIndex() == 0


def everything(n: int = 50) -> dict[str, np.ndarray]:
    return log(n) | {"generator_loss": np.full(n, 16.53), "penalty": np.full(n, 0.0578)}


@pytest.mark.parametrize("width", [430, 800])
@pytest.mark.parametrize("key", ["estimate", "losses"])
def test_no_value_of_a_comparison_is_cut_off(charts: TrainingCharts, key: str, width: int) -> None:
    charts.resize(width, 300)
    charts.set_metrics(everything())
    charts.show_chart(key)
    charts.set_other("My pictures of everybody that I know and of some that I do not", everything(80))
    QApplication.processEvents()
    legend = charts._legend
    assert charts.text().count("My pictures of everybody") == (2 if key == "estimate" else 3)
    assert legend.height() >= legend.heightForWidth(legend.width())
    page = QTextDocument()
    page.setDefaultFont(legend.font())
    page.setDocumentMargin(0)
    page.setHtml(legend.text())
    page.setTextWidth(legend.width())
    assert page.idealWidth() <= legend.width()


def test_the_chart_does_not_jump_while_values_change(charts: TrainingCharts) -> None:
    charts.resize(charts.minimumSizeHint().width(), 300)
    charts.set_metrics(everything())
    charts.show_chart("losses")
    heights = set()
    for value in (1.0, -0.0001234, 1.0):
        names = ("critic_loss", "generator_loss", "penalty")
        charts.set_metrics(everything() | {name: np.full(50, value) for name in names})
        QApplication.processEvents()
        heights.add(charts._legend.height())
    assert charts._legend.height() == max(heights)
    charts.resize(800, 300)
    charts.set_metrics(everything())
    QApplication.processEvents()
    assert charts._legend.height() < max(heights)  # where there is room the chart has it


def test_the_slider_is_never_without_its_name(charts: TrainingCharts) -> None:
    seen = set()
    for width in (430, 800):
        charts.resize(width, 300)
        QApplication.processEvents()
        assert charts.smoothing.isVisible() == charts._caption.isVisible()
        seen.add(charts.smoothing.isVisible())
    assert seen == {True, False}


def test_the_same_others_do_not_disturb_the_choice(charts: TrainingCharts) -> None:
    charts.set_others([("cats", Path("/cats"))])
    charts.compare.setCurrentIndex(1)
    charts.set_others([("cats", Path("/cats"))])
    charts.set_others([("dogs", Path("/dogs")), ("cats", Path("/cats"))])
    assert charts.compare.currentData() == Path("/cats")


@pytest.mark.parametrize(
    ("value", "text"), [(1234567.8, "1,234,568"), (0.012345, "0.0123"), (12.34, "12.3"), (-0.5, "-0.5"), (0, "0")]
)
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert figure(value) == text


def test_every_chart_explains_itself() -> None:
    assert len({spec.key for spec in CHARTS}) == len(CHARTS)
    for spec in CHARTS:
        assert spec.about.endswith(".") and spec.axis and spec.series
        assert all(hasattr(theme.DARK, series.token) for series in spec.series)


@pytest.mark.parametrize(("width", "below"), [(900, False), (560, True)])
def test_the_names_of_all_charts_are_whole(charts: TrainingCharts, width: int, below: bool) -> None:
    charts.set_metrics(everything())
    charts.resize(width, 300)
    QApplication.processEvents()
    tabs = charts.findChild(QTabBar, "training.chart")
    assert tabs.width() >= tabs.sizeHint().width()
    assert (charts._tools.y() >= tabs.geometry().bottom()) is below
    assert charts._legend.width() >= charts._legend.sizeHint().width()


def test_there_is_nothing_to_compare_with_until_there_is_another_run(charts: TrainingCharts) -> None:
    assert not charts.compare.isEnabled()
    charts.set_others([("cats", Path("/cats"))])
    assert charts.compare.isEnabled()
    charts.set_others([])
    assert not charts.compare.isEnabled()
