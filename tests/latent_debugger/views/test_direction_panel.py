"""The panel of the directions shows what it is given, and says what the user wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gan.latent.directions import Direction, unit
from gan.latent.draws import draw
from latent_debugger.state.directions import DirectionState, KnownDirection, key_of
from latent_debugger.state.latent import LatentState
from latent_debugger.state.model import OpenModel
from latent_debugger.views.direction_details import facts
from latent_debugger.views.direction_panel import EMPTY, NO_MODEL, DirectionPanel
from latent_debugger.views.direction_row import trust


def some(n: int) -> list[KnownDirection]:
    return [
        KnownDirection.new(Direction(f"SeFa {k + 1}", unit(draw(n, 5, 0)[k]), "sefa", share=0.5 / (k + 1)))
        for k in range(n)
    ]


class Bench:
    def __init__(self, qtbot: QtBot, model: OpenModel) -> None:
        latent = LatentState()
        latent.resize(5)
        self.state, self.key = DirectionState(latent), key_of(model)
        self.latent = latent
        self.state.show(model)
        self.panel = DirectionPanel(self.state)
        qtbot.addWidget(self.panel)
        self.panel.resize(1200, 300)
        self.panel.show()
        qtbot.waitExposed(self.panel)
        self.said: list[Any] = []

    def put(self, items: list[KnownDirection]) -> None:
        self.state.put(self.key, items)
        self.panel.set_places(self.state.places(draw(1, 5, 3)[0]))


@pytest.fixture
def bench(qtbot: QtBot, model: OpenModel) -> Bench:
    return Bench(qtbot, model)


def test_empty_states_say_the_next_step(bench: Bench) -> None:
    bench.panel.set_available(False)
    assert bench.panel.list.empty.text() == NO_MODEL and not bench.panel.finder.find.isEnabled()
    bench.panel.set_available(True)
    assert bench.panel.list.empty.text() == EMPTY and bench.panel.finder.find.isEnabled()
    bench.put(some(2))
    assert not bench.panel.list.empty.isVisible() and bench.panel.details.isVisible()
    bench.put([])
    assert bench.panel.list.empty.isVisible() and not bench.panel.details.isVisible()


def test_rows_show_places_and_say_moves(bench: Bench) -> None:
    items = some(3)
    bench.put(items)
    rows = bench.panel.list.rows
    np.testing.assert_allclose(
        [row.slider.value() / 1000 for row in rows], bench.state.places(draw(1, 5, 3)[0]), atol=1e-3
    )
    bench.panel.moved.connect(lambda *args: bench.said.append(args))
    rows[1].slider.setValue(1200)
    rows[2].slider.reset_requested.emit(2)
    assert [(args[0], args[1]) for args in bench.said] == [(items[1].id, 1.2), (items[2].id, 0.0)]


def test_a_locked_row_cannot_be_moved_but_unlocked(bench: Bench) -> None:
    items = some(2)
    bench.put([replace(items[0], locked=True), items[1]])
    row = bench.panel.list.rows[0]
    assert not row.slider.isEnabled() and not row.number.isEnabled() and row.lock.isChecked()
    assert bench.panel.told.text() == "2 directions · 1 locked"
    bench.panel.lock_toggled.connect(bench.said.append)
    row.lock.click()
    assert bench.said == [items[0].id] and row.lock.isChecked(), "it does not check itself"


def test_the_current_row_follows_focus_keys_and_removal(bench: Bench, qtbot: QtBot) -> None:
    items = some(3)
    bench.put(items)
    panel = bench.panel
    assert panel.current == items[0].id and panel.details.name.text() == "SeFa 1"
    panel.list.focus_row(0)
    qtbot.keyClick(panel.list.rows[0].slider, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.current == items[1].id)
    panel.lock_toggled.connect(lambda id_: bench.said.append(("lock", id_)))
    qtbot.keyClick(panel.list.rows[1].slider, Qt.Key.Key_L)
    assert bench.said.pop() == ("lock", items[1].id)
    panel.remove_requested.connect(bench.said.append)
    qtbot.keyClick(panel.list.rows[1].slider, Qt.Key.Key_Delete)
    assert bench.said == [items[1].id]
    qtbot.keyClick(panel.list.rows[1].slider, Qt.Key.Key_F2)
    assert panel.details.name.hasFocus()
    bench.put([items[0], items[2]])
    assert panel.current == items[0].id
    bench.state.show(None)
    assert panel.current is None


def test_many_rows_come_one_slice_after_another(bench: Bench, qtbot: QtBot) -> None:
    items = some(50)
    bench.put(items)
    panel, rows = bench.panel, bench.panel.list.rows
    assert 0 < len(rows) < 25, "fifty at once stop the window for a tenth of a second"
    panel.set_current(items[-1].id)
    qtbot.waitUntil(lambda: len(rows) == 50)
    places = bench.state.places(draw(1, 5, 3)[0])
    np.testing.assert_allclose([row.slider.value() / 1000 for row in rows], np.clip(places, -3, 3), atol=1e-3)
    assert [row.slider.accessibleName() for row in rows] == [item.direction.name for item in items]
    assert [row.row for row in rows if row._current] == [49]
    bench.put([])
    bench.put(items)
    bench.put(items[:3])
    for _ in range(8):
        QApplication.processEvents()
    assert len(rows) == 3 and panel.current == items[0].id


def test_its_key_for_the_lock_comes_before_the_windows(bench: Bench, qtbot: QtBot) -> None:
    bench.put(some(2))
    shortcut, rows = QShortcut(QKeySequence(Qt.Key.Key_L), bench.panel), bench.panel.list.rows
    shortcut.activated.connect(lambda: bench.said.append("window"))
    bench.panel.lock_toggled.connect(lambda _: bench.said.append("panel"))
    for part in (rows[1].slider, rows[1].keep, rows[1].lock):
        part.setFocus()
        qtbot.keyClick(part, Qt.Key.Key_L)
    assert bench.said == ["panel"] * 3
    bench.panel.range.setFocus()
    qtbot.keyClick(bench.panel.finder.find, Qt.Key.Key_L)
    assert bench.said[3:] == ["window"]


def test_a_name_is_typed_once(bench: Bench, qtbot: QtBot) -> None:
    items = some(1)
    bench.put(items)
    bench.panel.renamed.connect(lambda *args: bench.said.append(args))
    field = bench.panel.details.name
    field.selectAll()
    qtbot.keyClicks(field, "hat")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    field.clearFocus()
    assert bench.said == [(items[0].id, "hat")]
    field.selectAll()
    qtbot.keyClicks(field, " ")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert len(bench.said) == 1 and field.text() == "SeFa 1"


def test_narrow_panels_leave_the_details_out(bench: Bench) -> None:
    bench.put(some(1))
    bench.panel.resize(600, 300)
    assert not bench.panel.details.isVisible()
    bench.panel.resize(1000, 300)
    assert bench.panel.details.isVisible()
    for width in (240, 360, 700):
        row = bench.panel.list.rows[0]
        row.resize(width, row.height())
        assert row.slider.width() >= 40
        row.grab()


def test_the_strip_goes_where_it_is_clicked(bench: Bench, qtbot: QtBot) -> None:
    bench.put(some(1))
    strip = bench.panel.strip
    strip.set_places([-3, -2, -1, 0, 1, 2, 3])
    picture = QImage(64, 64, QImage.Format.Format_RGB888)
    picture.fill(QColor("red"))
    for index in range(7):
        strip.set_picture(index, picture)
    strip.set_picture(9, picture)
    strip.set_place(9.0)
    strip.grab()
    bench.panel.place_chosen.connect(bench.said.append)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip._cell(2).center()))
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert bench.said == [2, 3]
    strip.set_places([])
    assert not strip.isVisible()


def test_out_of_view_nothing_is_built(qtbot: QtBot, model: OpenModel) -> None:
    bench = Bench(qtbot, model)
    bench.panel.hide()
    bench.put(some(4))
    assert bench.panel.list.rows == [] and bench.panel.current is not None
    bench.panel.show()
    assert len(bench.panel.list.rows) == 4


def test_the_finder_says_what_is_wanted(bench: Bench) -> None:
    finder = bench.panel.finder
    finder.set_available(True)
    finder.settings_changed.connect(bench.said.append)
    finder.method.setCurrentIndex(1)
    finder.count.setValue(7)
    finder.attribute.setEditText("hat")
    assert bench.said == [{"method": "pca"}, {"count": 7}, {"attribute": "hat"}]
    finder.set_counts(0, 0, "", 0)
    assert "Select stars" in finder.told.text() and not finder.learn.isEnabled() and not finder.plus.isEnabled()
    finder.set_counts(3, 2, "", 1)
    assert finder.learn.isEnabled() and finder.plus.isEnabled() and finder.plus.text() == "+ 3"
    finder.set_known(["hat", "glasses"])
    assert finder.attribute.count() == 2 and finder.attribute.currentText() == "hat"
    assert len(bench.said) == 3, "a list to choose from is no choice"
    bench.panel.set_busy("find")
    assert finder.cancel.isVisible()
    bench.panel.finder.cancel_requested.connect(lambda: bench.said.append("cancel"))
    finder.cancel.click()
    assert bench.said[-1] == "cancel"
    bench.panel.set_busy("")
    assert not finder.cancel.isVisible()


def test_how_far_to_trust_it_is_told() -> None:
    direction = Direction("x", unit(np.ones(5)), "sefa", share=0.123)
    assert trust(direction) == "12%" and facts(direction) == "SeFa · 12.3% of what the first layer amplifies"
    assert trust(replace(direction, share=0.001)) == "< 1%"
    learnt = Direction("x", direction.vector, "attribute", accuracy=0.75, labels=60)
    assert trust(learnt) == "75% right" and facts(learnt) == "Learnt from 60 stars · 75 ± 6 % right when left out"
    assert trust(Direction("x", direction.vector, "file")) == "" and facts(
        replace(direction, method="file", share=None)
    )


def test_tab_goes_through_the_rows_in_order(bench: Bench) -> None:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    def action(name: str) -> QAction:
        made = QAction(name, bench.panel)
        made.setObjectName(name)
        return made

    bench.panel.add_actions([action("direction.open")], [action("direction.remove")])
    bench.put(some(2))
    rows = bench.panel.list.rows
    wanted = [part for row in rows for part in (row.slider, row.number, row.keep, row.lock)]
    chain: list[QWidget] = []
    item: QWidget = bench.panel.range
    for _ in range(80):
        item = item.nextInFocusChain()
        chain.append(item)
    places = [chain.index(part) for part in wanted]
    assert places == sorted(places)
    assert places[-1] < chain.index(bench.panel.details.name)
