"""The first minute, and the second start: hints that go away, and everything where one left it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QListWidget, QToolButton, QWidget

from latent_debugger.state.settings import Settings
from latent_debugger.state.star_query import StarQuery
from latent_debugger.wiring import hints

from .conftest import Driver

Open = Callable[..., Driver]
MakeModel = Callable[..., Path]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the tick of a hint that was followed."""
    monkeypatch.setattr(hints, "TICKED_MS", 0)


def hint(d: Driver) -> str:
    d.settle()
    return d.window.hints.text()


def test_hints_lead_through_the_first_minute_and_never_come_back(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model())
    assert hint(d) == "Press R for another picture"
    d.trigger("latent.random")
    d.qtbot.waitUntil(lambda: hint(d) == "Like it? Ctrl+D stars it")
    d.trigger("bookmark.add")
    d.qtbot.waitUntil(lambda: hint(d) == "Press N to see its neighbours")
    d.trigger("neighbours.sample")
    d.qtbot.waitUntil(lambda: hint(d) == "Click a neighbour to go there")
    d.qtbot.mouseClick(d.window.findChild(QToolButton, "hint.close"), Qt.MouseButton.LeftButton)
    assert hint(d) == "Ctrl+E exports your stars"
    d.close()
    again = open_window()
    assert hint(again) == "Ctrl+E exports your stars"
    again.window.bookmarks.export_requested.emit(())
    again.window.findChild(QFileDialog, "dialog.export").reject()
    again.qtbot.waitUntil(lambda: hint(again) == "")
    again.trigger("help.hints")
    assert hint(again) == "Press R for another picture"


def test_what_is_done_unasked_needs_no_hint(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model())
    d.trigger("neighbours.sample")
    d.trigger("bookmark.add")
    assert hint(d) == "Press R for another picture"
    d.window.latents.value_edited.emit(0, 1.0, None)
    d.qtbot.waitUntil(lambda: hint(d) == "Click a neighbour to go there")


def test_who_has_stars_needs_no_hint_how_to_star(open_window: Open, make_model: MakeModel, private_home: Path) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    d.close()
    (private_home / "settings.json").unlink()  # of an older version, say
    again = open_window()
    assert again.wiring.session.preferences.settings.hints_done == ("star",)


def test_without_a_model_there_is_nothing_to_hint_at(open_window: Open, tmp_path: Path) -> None:
    d = open_window(tmp_path / "missing.safetensors")
    assert hint(d) == "" and not d.wiring.session.preferences.settings.hints_done


def test_the_neighbours_come_back(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model())
    d.trigger("latent.random")
    d.wiring.session.neighbours.set_count(6)
    d.trigger("neighbours.sample")
    d.window.neighbours.chosen.emit(3)
    d.settle()
    shown = d.wiring.neighbours._request
    d.close()
    again = open_window()
    restored = again.wiring.neighbours._request
    assert restored is not None and np.array_equal(restored.latents, shown.latents)
    assert restored.parents == shown.parents and again.window.neighbours.model.rowCount() == 6
    again.window.neighbours.chosen.emit(1)
    again.settle()
    assert np.array_equal(again.z, shown.latents[1])
    again.close()
    other = open_window(make_model("other.safetensors", z_dim=7))
    assert other.window.neighbours.model.rowCount() == 0, "another model knows nothing of them"


def test_order_filter_and_heights_come_back(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    query = StarQuery(text="star", min_rating=1, order="newest", own_model=True)
    d.window.bookmarks.filter.set_query(query)
    d.window.bookmarks.set_inspector_height(230)
    d.wiring.session.arrangement.set_sort("value")
    d.close()
    again = open_window()
    assert again.window.bookmarks.filter.query() == replace(query, text="")
    assert again.window.bookmarks.inspector_height() == 230
    again.window.bookmarks.filter.show_all()
    assert again.window.bookmarks.inspector.height() < 80, "nothing is selected: one line"
    again.window.bookmarks.select((again.stars()[0].id,))
    again.qtbot.waitUntil(lambda: abs(again.window.bookmarks.inspector.height() - 230) <= 2)


def test_dialogs_begin_where_the_last_of_their_kind_ended(
    open_window: Open, make_model: MakeModel, tmp_path: Path
) -> None:
    there = tmp_path / "exports"
    there.mkdir()
    d = open_window(make_model())
    d.trigger("bookmark.add")
    d.answer_dialog("bookmark.export", "dialog.export", there / "mine.npy")
    d.close()
    again = open_window()

    def begins(action: str, name: str) -> Path:
        again.trigger(action)
        dialog = again.window.findChild(QFileDialog, name)
        found, chosen = Path(dialog.directory().absolutePath()), dialog.selectedFiles()
        assert name != "dialog.export" or chosen == [str(found / "stars.npy")]
        dialog.reject()
        again.settle()
        return found

    assert begins("bookmark.export", "dialog.export") == there
    assert begins("file.save_picture", "dialog.save_picture") == Path.home()
    (there / "mine.npy").unlink()
    (there / "mine.json").unlink()
    there.rmdir()
    assert begins("bookmark.export", "dialog.export") == Path.home(), "that folder is gone"


def test_every_panel_says_that_the_model_is_on_its_way(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model(), settle=False)
    assert d.window.canvas._empty == d.window.latents.list._empty == d.window.neighbours.list.empty_text() == "Opening…"
    d.settle()
    assert d.window.neighbours.list.empty_text().startswith("Press N")


def test_a_model_that_does_not_come_leaves_advice(open_window: Open, tmp_path: Path) -> None:
    d = open_window(tmp_path / "missing.safetensors")
    for words in (d.window.canvas._empty, d.window.latents.list._empty, d.window.neighbours.list.empty_text()):
        assert "Open a checkpoint" in words


def test_the_palette_sorts_the_latents(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model())
    d.trigger("help.palette")
    field = d.window.findChild(QLineEdit, "palette.field")
    d.qtbot.keyClicks(field, "sort by value")
    assert d.window.findChild(QListWidget, "palette.list").count() >= 1
    d.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert d.wiring.session.arrangement.settings.sort == "value"


def test_return_in_a_line_of_a_star_goes_back_to_the_stars(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    d.window.bookmarks.select((d.stars()[0].id,))
    for name, text in (("star.name", "Ada"), ("star.tags", "red, hat")):
        field = d.window.findChild(QLineEdit, name)
        field.setFocus()
        field.selectAll()
        d.qtbot.keyClicks(field, text)
        d.qtbot.keyClick(field, Qt.Key.Key_Return)
        assert d.window.bookmarks.list.hasFocus()
    d.settle()
    assert (d.stars()[0].name, d.stars()[0].tags) == ("Ada", ("red", "hat"))


def test_a_detached_panel_stays_where_it_was(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model())
    dock = d.window.docks["latents"]
    place, size = dock.mapToGlobal(QPoint(0, 0)), dock.size()
    d.qtbot.mouseClick(d.window.findChild(QWidget, "dock.latents.float"), Qt.MouseButton.LeftButton)
    assert dock.isFloating() and dock.mapToGlobal(QPoint(0, 0)) == place and dock.size() == size


def test_hints_are_kept_where_preferences_are(open_window: Open, make_model: MakeModel, private_home: Path) -> None:
    d = open_window(make_model())
    d.trigger("latent.random")
    d.close()
    assert Settings.load(private_home / "settings.json").hints_done == ("random",)


def test_the_wheel_passes_over_fields_nobody_went_into(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model())
    state, panel = d.wiring.session.neighbours, d.window.neighbours

    def turn(field: QWidget) -> None:
        place = QPointF(field.mapTo(d.window, field.rect().center()))
        QTest.wheelEvent(d.window.windowHandle(), place, QPoint(0, -120))
        d.settle()

    before = state.settings
    for field in (panel.sigma, panel.sigma_slider, panel.count, panel.source, panel.mode):
        turn(field)
    turn(d.window.latents.range_field)
    assert state.settings == before and d.window.latents.slider_range() == 3.0
    panel.count.setFocus()
    turn(panel.count)
    assert state.count == before.count - 1
