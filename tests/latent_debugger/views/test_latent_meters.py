"""Sensitivities in the panel of the latent: bars, dead names, and an order that holds still."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from latent_debugger.state.arrangement import Arrangement
from latent_debugger.state.latent import LatentState
from latent_debugger.state.sensitivity import Figures
from latent_debugger.views import theme
from latent_debugger.views.latent_panel import LatentPanel

DIM = 12


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> LatentPanel:
    theme.apply(qapp, "dark")
    latent = LatentState()
    panel = LatentPanel(latent, Arrangement(latent, latent))
    panel.latent = latent  # type: ignore[attr-defined]
    latent.resize(DIM)
    panel.resize(360, 600)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def figures(norms: object = None, *dead: int) -> Figures:
    found = np.arange(DIM, dtype=np.float32) if norms is None else np.array(norms, np.float32)
    return Figures(found, np.isin(np.arange(DIM), dead), exact=True)


def rows(panel: LatentPanel) -> list[int]:
    return [row.dim for row in sorted(panel.list.rows, key=lambda row: (row.x(), row.y())) if not row.isHidden()]


def bar(panel: LatentPanel, dim: int) -> int:
    """How many pixels of the bar's colour there are along the lower edge of a row."""
    row = panel.list.rows[dim]
    shot, y = row.grab().toImage(), row.height() - 4
    ground = QColor(theme.current().surface)
    return sum(abs(shot.pixelColor(x, y).lightness() - ground.lightness()) > 20 for x in range(64, row.width() - 90))


def test_bars_are_as_long_as_shares_and_go_with_the_figures(panel: LatentPanel) -> None:
    assert bar(panel, 11) == 0
    panel.set_figures(figures())
    whole = bar(panel, 11)
    assert whole > 100 and bar(panel, 0) == 0
    assert bar(panel, 5) == pytest.approx(whole * 5 / 11, abs=2)
    fresh = panel.list.rows[11].grab().toImage()
    panel.set_stale()
    assert panel.list.rows[11].grab().toImage() != fresh, "pale"
    panel.set_figures(None)
    assert bar(panel, 11) == 0


def test_new_figures_are_one_repaint(panel: LatentPanel) -> None:
    class Counter:
        updates = 0

    content = panel.list.widget()
    real = content.update

    def count() -> None:
        Counter.updates += 1
        real()

    content.update = count  # type: ignore[method-assign]
    panel.set_figures(figures())
    assert Counter.updates == 1
    for _ in range(3):
        panel.set_stale()
    assert Counter.updates == 2


def test_another_latent_starts_without_figures(panel: LatentPanel) -> None:
    panel.set_figures(figures())
    panel.latent.resize(5)  # type: ignore[attr-defined]
    assert panel.list.words(panel.list.rows[2]) == "" and bar(panel, 2) == 0


def test_the_order_waits_for_complete_figures_and_for_the_keyboard(panel: LatentPanel, qtbot: QtBot) -> None:
    panel._rows.set_sort("sensitivity")
    assert rows(panel) == list(range(DIM))
    part = np.where(np.arange(DIM) < 6, np.arange(DIM), np.nan)
    panel.set_figures(figures(part), complete=False)
    assert rows(panel) == list(range(DIM))
    panel.set_figures(figures())
    assert rows(panel) == list(reversed(range(DIM)))
    qtbot.waitActive(panel)
    panel.list.rows[3].take_focus()
    panel.set_figures(figures(np.arange(DIM)[::-1]))
    assert rows(panel) == list(reversed(range(DIM)))
    panel._rows.set_group("locks")
    assert rows(panel) == list(range(DIM)), "somebody chose an order: by the newest"
    panel._rows.set_group("none")
    panel.set_figures(figures())
    panel.find_field.setFocus()
    assert rows(panel) == list(reversed(range(DIM)))
    panel.set_figures(None)
    assert rows(panel) == list(range(DIM))


def test_faders_have_bars_too(panel: LatentPanel) -> None:
    panel._rows.set_faders(True)
    before = panel.list.rows[11].grab().toImage()
    panel.set_figures(figures())
    row = panel.list.rows[11]
    assert row.grab().toImage() != before
    assert panel.list.rows[0].height() == row.height()


def test_names_tell_what_is_known(panel: LatentPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: told.append(text))
    panel.set_figures(figures(None, 2))
    content = panel.list.widget()
    for dim in (2, 11):
        place = panel.list.rows[dim].geometry().topLeft() + QPoint(30, 10)
        QApplication.sendEvent(content, QHelpEvent(QEvent.Type.ToolTip, place, content.mapToGlobal(place)))
    assert told == ["z 2 changes no picture", "z 11 moves this picture by 11 per unit, 100% of the strongest"]


def test_a_dead_name_is_struck_through(panel: LatentPanel) -> None:
    def name(dim: int) -> object:
        return panel.list.rows[dim].grab(panel.list.rows[dim].rect().adjusted(0, 0, -200, 0)).toImage()

    before = name(2)
    panel.set_figures(figures(np.zeros(DIM), 2))
    assert name(2) != before


def test_what_is_looked_at_is_told(panel: LatentPanel, qtbot: QtBot) -> None:
    qtbot.waitActive(panel)
    told: list[int] = []
    panel.looked_at.connect(told.append)
    panel.list.pointed.emit(4)
    panel.list.pointed.emit(-1)
    assert told == [4, -1]
    panel.list.rows[7].take_focus()
    assert told[-1] == 7
    QTest.mousePress(panel.list.rows[7].slider, Qt.MouseButton.LeftButton)
    assert panel.held() and panel.list.looked_at() == -1
    QTest.mouseRelease(panel.list.rows[7].slider, Qt.MouseButton.LeftButton)
    assert not panel.held()


def test_choosing_an_order_that_needs_figures_asks_for_them(panel: LatentPanel) -> None:
    asked: list[bool] = []
    panel.sensitivity_wanted.connect(lambda: asked.append(True))
    entries = {action.text(): action for action in panel.arrange.choices()}
    entries["Sort by value"].trigger()
    entries["Show weak dimensions"].trigger()
    assert not asked
    entries["Sort by sensitivity"].trigger()
    entries["Fold what is under 25 % of the strongest"].trigger()
    assert len(asked) == 2
    assert panel._rows.settings.sort == "sensitivity" and panel._rows.settings.weak == "25%"


def test_the_header_gets_its_button(panel: LatentPanel) -> None:
    assert panel.measure.isHidden()
    action = QAction("Show sensitivity", panel)
    action.setCheckable(True)
    panel.set_measure_action(action)
    assert panel.measure.isVisible()
    panel.measure.click()
    assert action.isChecked()


def test_the_order_waits_for_the_pointer_to_go(panel: LatentPanel, qtbot: QtBot) -> None:
    panel._rows.set_sort("sensitivity")
    panel.set_figures(figures())
    qtbot.waitActive(panel)
    QTest.mouseMove(panel.list.rows[3])
    qtbot.waitUntil(panel.list.underMouse)
    panel.set_figures(figures(np.arange(DIM)[::-1]))
    assert rows(panel) == list(reversed(range(DIM)))
    QTest.mouseMove(panel.random)
    qtbot.waitUntil(lambda: rows(panel) == list(range(DIM)))
