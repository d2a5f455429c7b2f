"""What the critic's view shows, and what it asks for."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QBoxLayout
from pytestqt.qtbot import QtBot

from latent_debugger.state.critic import CriticSettings, Scale
from latent_debugger.views import theme
from latent_debugger.views.critic_choice import ChoiceSection
from latent_debugger.views.critic_histogram import CriticHistogram
from latent_debugger.views.critic_improve import IDLE, ImproveSection
from latent_debugger.views.critic_panel import NO_MODEL, CriticPanel
from latent_debugger.views.critic_rank import NOTHING

FAKES = np.arange(100, dtype=np.float32)


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> CriticPanel:
    theme.apply(qapp, "dark")
    panel = CriticPanel()
    panel.resize(1200, 300)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitActive(panel)
    panel.set_empty("")
    return panel


def test_one_sentence_stands_for_everything_where_there_is_no_critic(panel: CriticPanel) -> None:
    assert panel.rank.isVisible() and not panel.empty.isVisible()
    panel.set_empty("No critic.")
    assert panel.empty.isVisible() and panel.empty.text() == "No critic." and not panel.rank.isVisible()
    assert CriticPanel().empty.text() == NO_MODEL


def test_the_sections_stand_below_one_another_where_it_is_narrow(panel: CriticPanel) -> None:
    assert panel._row.direction() == QBoxLayout.Direction.LeftToRight
    panel.resize(500, 300)
    QApplication.processEvents()
    assert panel._row.direction() == QBoxLayout.Direction.TopToBottom


def test_ranks_are_told_as_shares_of_so_many_pictures(panel: CriticPanel) -> None:
    rank = panel.rank
    assert rank.fakes.number.text() == rank.reals.number.text() == NOTHING
    rank.set_scale(Scale(FAKES))
    rank.set_score(25.5)
    assert (rank.fakes.number.text(), rank.fakes.words.text()) == ("26 %", "of 100 random pictures are liked less")
    assert rank.fakes.number.accessibleDescription() == "Liked more than 26 % of 100 random pictures"
    assert rank.reals.number.text() == NOTHING
    rank.set_scale(Scale(FAKES, FAKES[:50] + 20))
    assert rank.reals.number.text() == "12 %" and "50 training pictures" in rank.reals.words.text()
    rank.set_score(None)
    assert rank.fakes.number.text() == NOTHING


def test_the_marker_stands_where_the_score_is(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    chart = CriticHistogram()
    qtbot.addWidget(chart)
    chart.resize(400, 120)
    chart.set_waiting("Wait.")
    chart.grab()  # there is nothing to show yet
    chart.set_scale(Scale(FAKES, FAKES + 30))
    places = []
    for score in (-1000.0, 60.0, 1000.0):
        chart.set_score(score)
        line = chart.grab().toImage()
        row = [line.pixelColor(x, 60).name() for x in range(line.width())]
        places.append(np.mean([x for x, name in enumerate(row) if name == theme.current().text]))
    assert places[0] < 10 and places[2] > 390
    assert places[1] == pytest.approx((places[0] + places[2]) / 2, abs=25)


def test_choosing_announces_what_the_user_sets_only(panel: CriticPanel) -> None:
    choice, seen = panel.choice, []
    choice.best_of_changed.connect(seen.append)
    choice.neighbours_toggled.connect(seen.append)
    choice.sort_toggled.connect(seen.append)
    panel.set_settings(CriticSettings(best_of=64, steps=9, choose_neighbours=True, sort_neighbours=True))
    assert not seen and panel.improve.steps.value() == 9
    assert choice.neighbours.isChecked() and choice.sort.isChecked()
    choice.number.setValue(8)
    choice.neighbours.click()
    choice.sort.click()
    assert seen == [8, False, False]


def test_the_button_triggers_the_windows_action(panel: CriticPanel) -> None:
    action, seen = QAction("Random"), []
    action.triggered.connect(lambda: seen.append(1))
    panel.choice.add_action(action)
    panel.choice.random.click()
    assert seen == [1]


@pytest.mark.parametrize(
    ("diversity", "best_of", "words"),
    [
        (0.83, 16, "best of 16 look 17 % more alike than random ones, and the half"),
        (0.999, 2, "look as different as random ones, and the half of all pictures that it likes less makes up 25 %"),
        (1.2, 16, "look as different as random ones"),
        (0.5, 16, "almost none of them"),
    ],
)
def test_the_price_is_told_in_words(panel: CriticPanel, diversity: float, best_of: int, words: str) -> None:
    panel.choice.set_cost(diversity, best_of)
    assert words in panel.choice.cost.text()
    panel.choice.set_cost(None)
    assert not panel.choice.cost.text()


def test_two_things_may_be_worked_out_at_a_time(panel: CriticPanel) -> None:
    choice: ChoiceSection = panel.choice
    assert not choice.cancel.isVisible() and not choice.working_on
    choice.set_working("a", "Choosing…", 0.25)
    choice.set_working("b", "Scoring…", 0.5)
    assert choice.cancel.isVisible() and choice.working_on
    choice.set_working("a", "")
    assert choice.working.text() == "Scoring…" and choice.bar.value() == 500
    choice.set_working("b", "")
    choice.set_working("never begun", "")
    assert not choice.cancel.isVisible()


def test_each_stage_of_an_improvement_has_its_buttons(panel: CriticPanel) -> None:
    improve: ImproveSection = panel.improve

    def buttons() -> list[bool]:
        return [button.isVisible() for button in (improve.start, improve.cancel, improve.keep, improve.discard)]

    assert buttons() == [True, False, False, False] and improve.told.text() == IDLE
    improve.start.setFocus()
    improve.set_stage("climbing", "Walking")
    assert buttons() == [False, True, False, False] and improve.cancel.hasFocus() and not improve.steps.isEnabled()
    improve.advance(0.5, "half way")
    assert improve.bar.value() == 500 and improve.told.text() == "half way"
    improve.pair.set_picture(1, np.zeros((8, 8, 3), np.uint8))
    improve.pair.grab()
    improve.set_stage("found", "There")
    assert buttons() == [True, False, True, True] and improve.keep.hasFocus()
    improve.pair.clear()
    assert improve.pair.picture(1).isNull()


def test_escape_ends_what_is_being_done_first_and_then_leaves(panel: CriticPanel) -> None:
    seen: list[str] = []
    panel.left.connect(lambda: seen.append("left"))
    panel.improve.cancel_requested.connect(lambda: seen.append("cancel"))
    panel.improve.discard_requested.connect(lambda: seen.append("discard"))
    panel.choice.cancel_requested.connect(lambda: seen.append("choice"))
    panel.improve.steps.setFocus()
    for stage in ("climbing", "found", "idle"):
        panel.improve.set_stage(stage)
        panel.improve.steps.setEnabled(True)
        panel.improve.steps.setFocus()
        QTest.keyClick(panel.improve.steps, Qt.Key.Key_Escape)
    panel.choice.set_working("a", "Choosing…")
    QTest.keyClick(panel.improve.steps, Qt.Key.Key_Escape)
    assert seen == ["cancel", "discard", "left", "choice"]
