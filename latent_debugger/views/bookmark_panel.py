"""The panel of the bookmarks: a search, the stars as thumbnails, export and import."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.model import OpenModel
from latent_debugger.state.star_edit import MAX_RATING, StarEdit
from latent_debugger.state.star_query import StarQuery
from latent_debugger.views import icons, theme
from latent_debugger.views.bookmark_model import ID, BookmarkListModel
from latent_debugger.views.star_filter import StarFilter
from latent_debugger.views.star_inspector import StarInspector
from latent_debugger.views.star_list import RATING_KEYS, StarList

_LIST_HEIGHT = 600  # wanted; what is missing or left over is the list's
_EMPTY = "No stars yet. Press Ctrl+D to star the picture you see."
_HIDDEN = "The filter hides all stars."


class BookmarkPanel(QWidget):
    """Shows ``library`` and says what the user wants of it; changes nothing itself.

    Signals:
        recall_requested(id): go back to this one.
        rename_requested(id, name).
        edit_requested(ids, StarEdit): rate, tag, name or note these.
        move_requested(ids, target): put these in front of the star ``target``, or behind all where it is None.
        delete_requested(ids), export_requested(ids): tuples of ids; export with none means all.
        import_requested().
        selection_changed(ids).
        inspector_resized(): by the user.
    """

    recall_requested = Signal(object)
    rename_requested = Signal(object, object)
    edit_requested = Signal(object, object)
    move_requested = Signal(object, object)
    delete_requested = Signal(object)
    export_requested = Signal(object)
    import_requested = Signal()
    selection_changed = Signal(object)
    inspector_resized = Signal()

    def __init__(self, library: BookmarkLibrary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bookmarkPanel")
        self.setAccessibleName("Stars")
        self._library = library
        self._announced: tuple[str, ...] = ()
        self._kept: tuple[str, ...] = ()
        self._kept_current: str | None = None
        self.model = BookmarkListModel(library, self)
        self.list = StarList(self.model)
        self.filter = StarFilter(library)
        self.search = self.filter.search
        self.inspector = StarInspector(library)
        self.export = _button("Export…", "export", "Save the selected stars, or all shown, as a vector file (Ctrl+E)")
        self.load = _button("Import…", "import", "Add stars from a vector file (Ctrl+I)")
        self.count = QLabel()
        self.count.setProperty("quiet", True)
        self._lay_out()

        self.model.rename_requested.connect(self.rename_requested)
        self.filter.changed.connect(self._show_query)
        self.inspector.edited.connect(self.edit_requested)
        self.inspector.left.connect(self.list.setFocus)
        self.list.moved.connect(self.move_requested)
        self.list.nudged.connect(self._nudge)
        self.list.opened.connect(self._recall)
        self.list.doubleClicked.connect(self._recall)
        self.list.key_claimed.connect(self._press)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.selectionModel().selectionChanged.connect(self._announce)
        self.model.modelAboutToBeReset.connect(self._keep_selection)
        self.model.modelReset.connect(self._restore_selection)
        self.model.rowsInserted.connect(self._show_inserted)
        self.model.rowsRemoved.connect(self._describe)
        self.export.clicked.connect(self.export_selected)
        self.load.clicked.connect(self._import)
        self._describe()

    def _lay_out(self) -> None:
        unit = theme.UNIT
        column, below = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(unit, unit, unit, unit)
        column.setSpacing(unit)
        below.setSpacing(unit)
        below.addWidget(self.export)
        below.addWidget(self.load)
        below.addStretch(1)
        below.addWidget(self.count)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(self.list)
        self._split.addWidget(self.inspector)
        self._split.setCollapsible(0, False)
        self._split.setStretchFactor(0, 1)
        self._inspector_height = 0
        self._split.splitterMoved.connect(self._keep_split)
        self._open_soon = QTimer(self)
        self._open_soon.setSingleShot(True)
        self._open_soon.setInterval(QApplication.doubleClickInterval())
        self._open_soon.timeout.connect(self._open_inspector)
        self._close_inspector()
        column.addWidget(self.filter)
        column.addWidget(self._split, 1)
        column.addLayout(below)
        self.setMinimumWidth(240)

    def inspector_height(self) -> int:
        """What the user has made it, in pixels; 0 before that."""
        return self._inspector_height

    def set_inspector_height(self, height: int) -> None:
        """What :meth:`inspector_height` gave once."""
        self._inspector_height = height

    # The inspector is a line high while no star is selected

    @Slot()
    def _open_inspector(self) -> None:
        self.inspector.open()
        wanted = self._inspector_height or self.inspector.sizeHint().height()
        self._split.setSizes([max(1, self._split.height() - wanted), wanted])
        self.list.scrollTo(self.list.currentIndex(), QAbstractItemView.ScrollHint.EnsureVisible)

    def _close_inspector(self) -> None:
        self._open_soon.stop()
        self.inspector.fold()
        self._split.setSizes([_LIST_HEIGHT, 1])

    def _follow_selection(self) -> None:
        """Open the inspector or fold it, but never under the pointer between the clicks of a double click."""
        if not self.selected():
            self._close_inspector()
        elif self.inspector.folded and not self._open_soon.isActive():
            if QApplication.mouseButtons() == Qt.MouseButton.NoButton:
                self._open_inspector()
            else:
                self._open_soon.start()

    @Slot()
    def _keep_split(self) -> None:
        if not self.inspector.folded:
            self._inspector_height = self._split.sizes()[1]
            self.inspector_resized.emit()

    @Slot(object)
    def set_model_context(self, model: OpenModel | None) -> None:
        """Mark the stars that were not made with ``model``; None marks none."""
        self.model.set_model_context(model)

    def selected(self) -> tuple[str, ...]:
        """The ids selected, in the order of the list."""
        return self.list.selected_ids()

    def select(self, ids: tuple[str, ...]) -> None:
        """Select exactly these, as far as they are shown."""
        selection = QItemSelection()
        for bookmark_id in ids:
            index = self.model.index(self.model.row_of(bookmark_id))
            selection.select(index, index)
        self.list.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def reveal(self, ids: tuple[str, ...]) -> None:
        """Select exactly these and scroll to the first, showing all stars where some of these are hidden."""
        if any(self.model.row_of(bookmark_id) < 0 for bookmark_id in ids):
            self.filter.show_all()
        self.select(ids)
        if ids:
            self.list.scrollTo(self.model.index(self.model.row_of(ids[0])), QAbstractItemView.ScrollHint.PositionAtTop)

    # What keys, menu and the window's actions ask for

    @Slot()
    def recall_current(self) -> None:
        """Ask for the current star's latent."""
        if self._current().isValid():
            self.recall_requested.emit(self._current().data(ID))

    @Slot()
    def rename_current(self) -> None:
        """Let the user type a name for the current star."""
        if self._current().isValid():
            self.list.setCurrentIndex(self._current())
            self.list.edit(self._current())

    @Slot()
    def move_earlier(self) -> None:
        """Ask for the selected stars to be put one place earlier."""
        self._nudge(-1)

    @Slot()
    def move_later(self) -> None:
        """Ask for the selected stars to be put one place later."""
        self._nudge(1)

    @Slot(int)
    def _nudge(self, step: int) -> None:
        ids, items = self.selected(), self.model.items()
        if ids and self.list.movable:
            first, last = self.model.row_of(ids[0]), self.model.row_of(ids[-1])
            row = max(0, first - 1) if step < 0 else last + 2
            self.move_requested.emit(ids, items[row].id if row < len(items) else None)

    @Slot()
    def delete_selected(self) -> None:
        """Ask for the selected stars to be deleted."""
        if self.selected():
            self.delete_requested.emit(self.selected())

    @Slot()
    def export_selected(self) -> None:
        """Ask for the selected stars to be exported, or where none is selected all that are shown."""
        shown = tuple(item.id for item in self.model.items())
        self.export_requested.emit(self.selected() or (shown if len(shown) < len(self._library) else ()))

    def _current(self) -> QModelIndex:
        """The selected star that the keyboard is at, or else the first selected."""
        current, selection = self.list.currentIndex(), self.list.selectionModel()
        if current.isValid() and (selection.isSelected(current) or not selection.hasSelection()):
            return current
        return min(selection.selectedIndexes(), key=QModelIndex.row, default=QModelIndex())

    @Slot(QModelIndex)
    def _recall(self, index: QModelIndex) -> None:
        self.recall_requested.emit(index.data(ID))

    @Slot(object)
    def _press(self, key: Qt.Key) -> None:
        if key == Qt.Key.Key_F2:
            self.rename_current()
        elif key in RATING_KEYS:
            self.rate_selected(RATING_KEYS.index(key))
        else:
            self.delete_selected()

    @Slot(int)
    def rate_selected(self, rating: int) -> None:
        """Ask for the selected stars to be rated 0 to 5."""
        if self.selected():
            self.edit_requested.emit(self.selected(), StarEdit(rating=rating))

    @Slot()
    def _import(self) -> None:
        self.import_requested.emit()

    @Slot(QPoint)
    def _show_menu(self, position: QPoint) -> None:
        if not self.list.indexAt(position).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Star")
        menu.addAction("Go there", self.recall_current)
        icons.set_icon(menu.addAction("Rename", self.rename_current), "edit")
        rating = menu.addMenu("Rate")
        icons.set_icon(rating.menuAction(), "star")
        for n in range(MAX_RATING, -1, -1):
            rating.addAction(f"{'★' * n or 'No rating'}\t{n}", partial(self.rate_selected, n))
        menu.addActions(self.list.actions())  # what other panels do with stars
        icons.set_icon(menu.addAction("Export…", self.export_selected), "export")
        icons.set_icon(menu.addAction("Delete", self.delete_selected), "trash")
        menu.popup(self.list.viewport().mapToGlobal(position))

    # What the library and the search do to the list

    @Slot(object)
    def _show_query(self, query: StarQuery) -> None:
        self.list.movable = query.order == "manual"
        self.model.set_query(query)
        self._describe()

    @Slot()
    def _keep_selection(self) -> None:
        self._kept, self._kept_current = self.selected(), self.list.currentIndex().data(ID)

    @Slot()
    def _restore_selection(self) -> None:
        self.select(self._kept)
        current = self.model.index(self.model.row_of(self._kept_current))
        self.list.selectionModel().setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._announce()

    @Slot(QModelIndex, int, int)
    def _show_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        self.list.scrollTo(self.model.index(last), QAbstractItemView.ScrollHint.EnsureVisible)
        self._describe()

    @Slot()
    def _announce(self) -> None:
        ids = self.selected()
        self._describe()
        if ids != self._announced:
            self._announced = ids
            self._follow_selection()
            self.inspector.set_selection(ids)
            self.selection_changed.emit(ids)

    @Slot()
    def _describe(self) -> None:
        total, shown = len(self._library), self.model.rowCount()
        chosen = self.list.selected_count()
        stars = "1 star" if total == 1 else f"{total:,} stars"
        part = f"{shown:,} of {total:,}" if shown < total else stars if total else ""
        self.count.setText(f"{chosen:,} of {shown:,}" if chosen else part)
        hidden = f"{total - shown:,} hidden by search or filter" if shown < total else ""
        self.count.setToolTip(", ".join(filter(None, (f"{chosen:,} selected" if chosen else "", hidden))))
        self.export.setEnabled(total > 0)
        self.inspector.setVisible(total > 0)
        words = self.filter.query().text
        self.list.set_empty((f"No star matches “{words}”." if words else _HIDDEN) if total else _EMPTY)


def _button(text: str, icon: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    icons.set_icon(button, icon)
    button.setObjectName(f"bookmarks.{icon}Button")
    button.setAccessibleName(text.removesuffix("…"))
    button.setToolTip(tooltip)
    return button
