"""The head of the bookmarks' panel: search, filter, sort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.star_edit import MAX_RATING
from latent_debugger.state.star_query import Order, StarQuery, tags_of
from latent_debugger.views import icons, theme

ORDERS: tuple[tuple[Order, str], ...] = (
    ("manual", "My order"),
    ("newest", "Newest first"),
    ("rating", "Best first"),
    ("name", "By name"),
    ("critic", "Critic’s order"),
)
_MANY_TAGS = 30


class StarFilter(QWidget):
    """Edits a query.

    Signals:
        changed(StarQuery).
    """

    changed = Signal(object)

    def __init__(self, library: BookmarkLibrary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._query = StarQuery()
        self._no_critic = ""
        self._note = ""
        self.search = _search_field()
        self.filter = _menu_button("bookmarks.filter", "filter", "Filter the stars", "Show only some of the stars")
        self.sort = _menu_button("bookmarks.sort", "sort", "Sort the stars", "Choose the order of the stars")
        self.chips = QLabel()
        self.chips.setAccessibleName("Filter in use")
        self.chips.setProperty("quiet", True)
        self.chips.setWordWrap(True)
        self._reset = QToolButton()
        icons.set_icon(self._reset, "close")
        self._reset.setObjectName("bookmarks.unfilter")
        self._reset.setAccessibleName("Show all stars")
        self._reset.setToolTip("Show all stars again")
        self._line = QWidget()
        self._lay_out()
        self.search.textChanged.connect(self._search)
        self._reset.clicked.connect(self._clear_filters)
        self.filter.menu().aboutToShow.connect(self._fill_filters)
        self.sort.menu().aboutToShow.connect(self._fill_orders)

    def _lay_out(self) -> None:
        column, row, line = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout(self._line)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT // 2)
        row.setSpacing(theme.UNIT // 2)
        row.addWidget(self.search, 1)
        row.addWidget(self.filter)
        row.addWidget(self.sort)
        line.setContentsMargins(4, 0, 0, 0)
        line.setSpacing(theme.UNIT // 2)
        line.addWidget(self.chips, 1)
        line.addWidget(self._reset)
        column.addLayout(row)
        column.addWidget(self._line)
        self._line.hide()

    def query(self) -> StarQuery:
        """What is shown now."""
        return self._query

    def set_query(self, query: StarQuery) -> None:
        """Show something else."""
        if query == self._query:
            return
        self._query = query
        if self.search.text().strip() != query.text:
            self.search.setText(query.text)  # which finds nothing new to show
        self._describe()
        order = next(text for order, text in ORDERS if order == query.order)
        self.sort.setToolTip(f"Choose the order of the stars (now: {order.lower()})")
        self.changed.emit(query)

    def set_critic(self, why_not: str) -> None:
        """Why there is no critic's order; empty where there is one."""
        self._no_critic = why_not
        self._describe()

    def set_note(self, text: str) -> None:
        """What is being done for the order in use; empty for nothing."""
        self._note = text
        self._describe()

    def _describe(self) -> None:
        query = self._query
        note = (self._no_critic or self._note) if query.order == "critic" else ""
        self.chips.setText(", ".join(filter(None, (*_described(query), note))))
        self._reset.setVisible(query.filters)
        self._line.setVisible(query.filters or bool(note))

    def show_all(self) -> None:
        """Let no star be hidden; the order stays."""
        self.set_query(StarQuery(order=self._query.order))

    @Slot(str)
    def _search(self, text: str) -> None:
        self.set_query(replace(self._query, text=text.strip()))

    @Slot()
    def _clear_filters(self) -> None:
        self.set_query(StarQuery(text=self._query.text, order=self._query.order))

    @Slot()
    def _fill_filters(self) -> None:
        menu, query = self.filter.menu(), self._query
        menu.clear()
        self._tick(menu, "This model only", query.own_model, replace(query, own_model=not query.own_model))
        menu.addSeparator()
        ratings = QActionGroup(menu)
        for n in range(MAX_RATING + 1):
            text = "Any rating" if n == 0 else "★" * n + (" or more" if n < MAX_RATING else "")
            ratings.addAction(self._tick(menu, text, query.min_rating == n, replace(query, min_rating=n)))
        tags = tags_of(self._library.bookmarks())
        if tags:
            menu.addSeparator()
        for tag in [tag for tag in tags if tag in query.tags or len(tags) <= _MANY_TAGS] or tags[:_MANY_TAGS]:
            shown = tag.replace("&", "&&")
            self._tick(menu, shown, tag in query.tags, replace(query, tags=query.tags ^ {tag}))

    @Slot()
    def _fill_orders(self) -> None:
        menu = self.sort.menu()
        menu.clear()
        orders = QActionGroup(menu)
        for order, text in ORDERS:
            action = self._tick(menu, text, self._query.order == order, replace(self._query, order=order))
            orders.addAction(action)
            if order == "critic":
                action.setEnabled(not self._no_critic)
                action.setToolTip(self._no_critic)
        menu.setToolTipsVisible(True)

    def _tick(self, menu: QMenu, text: str, on: bool, query: StarQuery):  # type: ignore[no-untyped-def]
        choose: Callable[[], None] = partial(self.set_query, query)
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(on)
        action.triggered.connect(choose)
        return action


def _described(query: StarQuery) -> list[str]:
    model = ["this model"] if query.own_model else []
    rating = ["★" * query.min_rating + ("+" if query.min_rating < MAX_RATING else "")] if query.min_rating else []
    return [*model, *rating, *sorted(query.tags)]


def _search_field() -> QLineEdit:
    field = QLineEdit()
    field.setObjectName("bookmarks.search")
    field.setAccessibleName("Search the stars")
    field.setPlaceholderText("Search")
    field.setClearButtonEnabled(True)
    field.setToolTip("Show the stars whose name, tags, note, model or seed contain these words")
    return field


def _menu_button(object_name: str, icon: str, name: str, tooltip: str) -> QToolButton:
    button = QToolButton()
    icons.set_icon(button, icon)
    button.setObjectName(object_name)
    button.setAccessibleName(name)
    button.setToolTip(tooltip)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    return button
