from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.star_query import StarQuery
from latent_debugger.views.star_filter import StarFilter


@pytest.fixture
def filters(star: Callable[..., Bookmark], qtbot: QtBot) -> StarFilter:
    library = BookmarkLibrary()
    library.load([star(0, tags=("hat", "R&B")), star(1)])
    filters = StarFilter(library)
    library.setParent(filters)
    qtbot.addWidget(filters)
    filters.show()
    return filters


def choose(button: QToolButton, text: str) -> None:
    menu = button.menu()
    menu.aboutToShow.emit()
    entries: dict[str, QAction] = {action.text(): action for action in menu.actions()}
    entries[text].trigger()


def test_menus_and_search_make_one_query(filters: StarFilter) -> None:
    seen: list[StarQuery] = []
    filters.changed.connect(seen.append)
    choose(filters.filter, "★★★ or more")
    choose(filters.filter, "This model only")
    choose(filters.filter, "R&&B")
    choose(filters.sort, "Best first")
    QTest.keyClicks(filters.search, "a")
    assert filters.query() == StarQuery("a", True, 3, frozenset({"R&B"}), "rating")
    assert seen[-1] == filters.query() and len(seen) == 5
    assert filters.chips.isVisible() and filters.chips.text() == "this model, ★★★+, R&B"
    choose(filters.filter, "R&&B")
    choose(filters.filter, "Any rating")
    assert filters.query() == StarQuery("a", True, 0, frozenset(), "rating")


def test_the_cross_lets_all_be_seen_but_keeps_search_and_order(filters: StarFilter) -> None:
    filters.set_query(StarQuery("hat", True, 5, frozenset(), "name"))
    assert filters.search.text() == "hat"
    filters.findChild(QToolButton, "bookmarks.unfilter").click()
    assert filters.query() == StarQuery("hat", order="name") and not filters.chips.isVisible()
    filters.show_all()
    assert filters.query() == StarQuery(order="name") and filters.search.text() == ""


def test_what_is_chosen_is_ticked(filters: StarFilter) -> None:
    filters.set_query(StarQuery(min_rating=5, tags=frozenset({"hat"}), order="newest"))
    for button, ticked in ((filters.filter, {"★★★★★", "hat"}), (filters.sort, {"Newest first"})):
        button.menu().aboutToShow.emit()
        assert {action.text() for action in button.menu().actions() if action.isChecked()} == ticked
    assert "newest first" in filters.sort.toolTip()


def test_without_a_critic_there_is_no_such_order_and_it_says_why(filters: StarFilter) -> None:
    def order() -> QAction:
        filters.sort.menu().aboutToShow.emit()
        return next(action for action in filters.sort.menu().actions() if action.text() == "Critic’s order")

    filters.set_critic("No critic.")
    assert not order().isEnabled() and order().toolTip() == "No critic."
    filters.set_critic("")
    assert order().isEnabled()
    choose(filters.sort, "Critic’s order")
    assert filters.query().order == "critic" and not filters.chips.isVisible()
    filters.set_note("scoring 3 stars")
    assert filters.chips.isVisible() and filters.chips.text() == "scoring 3 stars"
    filters.set_critic("No critic.")  # another model
    assert filters.chips.text() == "No critic."
    choose(filters.sort, "My order")
    assert not filters.chips.isVisible()
