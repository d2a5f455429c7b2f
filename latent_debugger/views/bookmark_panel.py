"""The panel of the bookmarks: a search, the stars as thumbnails, export and import."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.model import OpenModel
from latent_debugger.views import icons, theme
from latent_debugger.views.bookmark_model import ID, SEARCH, BookmarkListModel
from latent_debugger.views.thumbnail_view import ThumbnailView

_SIDES = (80,)
_EMPTY = "No stars yet. Press Ctrl+D to keep the picture you see."


class BookmarkPanel(QWidget):
    """Shows ``library`` and says what the user wants of it; changes nothing itself.

    Signals:
        recall_requested(id): go back to this one.
        rename_requested(id, name).
        delete_requested(ids), export_requested(ids): tuples of ids; export with none means all.
        import_requested().
        selection_changed(ids).
    """

    recall_requested = Signal(object)
    rename_requested = Signal(object, object)
    delete_requested = Signal(object)
    export_requested = Signal(object)
    import_requested = Signal()
    selection_changed = Signal(object)

    def __init__(self, library: BookmarkLibrary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bookmarkPanel")
        self.setAccessibleName("Bookmarks")
        self._announced: tuple[str, ...] = ()
        self._kept: tuple[str, ...] = ()
        self.model = BookmarkListModel(library, self)
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self.model)
        self._shown.setFilterRole(SEARCH)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = _list_view()
        self.list.setModel(self._shown)
        self.search = _search_field()
        self.export = _button("Export…", "export", "Save the selected stars, or all, as a vector file (Ctrl+E)")
        self.load = _button("Import…", "import", "Add stars from a vector file (Ctrl+I)")
        self.count = QLabel()
        self.count.setProperty("quiet", True)
        self._lay_out()

        self.model.rename_requested.connect(self.rename_requested)
        self.search.textChanged.connect(self._search)
        self.list.opened.connect(self._recall)
        self.list.doubleClicked.connect(self._recall)
        self.list.key_claimed.connect(self._press)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.selectionModel().selectionChanged.connect(self._announce)
        self._shown.modelAboutToBeReset.connect(self._keep_selection)
        self._shown.modelReset.connect(self._restore_selection)
        self._shown.rowsInserted.connect(self._show_inserted)
        self._shown.rowsRemoved.connect(self._describe)
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
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(below)
        self.setMinimumWidth(200)

    @Slot(object)
    def set_model_context(self, model: OpenModel | None) -> None:
        """Mark the stars that were not made with ``model``; None marks none."""
        self.model.set_model_context(model)

    def selected(self) -> tuple[str, ...]:
        """The ids selected, in the order of the list."""
        rows = sorted(self.list.selectionModel().selectedIndexes(), key=QModelIndex.row)
        return tuple(index.data(ID) for index in rows)

    def select(self, ids: tuple[str, ...]) -> None:
        """Select exactly these, as far as they are shown."""
        selection = QItemSelection()
        for bookmark_id in ids:
            index = self._shown.mapFromSource(self.model.index(self.model.row_of(bookmark_id)))
            selection.select(index, index)
        self.list.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

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
    def delete_selected(self) -> None:
        """Ask for the selected stars to be deleted."""
        if self.selected():
            self.delete_requested.emit(self.selected())

    @Slot()
    def export_selected(self) -> None:
        """Ask for the selected stars to be exported, or all where none is selected."""
        self.export_requested.emit(self.selected())

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
        else:
            self.delete_selected()

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
        for text, icon, what in (
            ("Go there", "", self.recall_current),
            ("Rename", "edit", self.rename_current),
            ("Export…", "export", self.export_selected),
            ("Delete", "trash", self.delete_selected),
        ):
            action = menu.addAction(text, what)
            if icon:
                icons.set_icon(action, icon)
        menu.popup(self.list.viewport().mapToGlobal(position))

    # What the library and the search do to the list

    @Slot(str)
    def _search(self, text: str) -> None:
        self._shown.setFilterFixedString(text.strip())
        self.list.fit()
        self._describe()

    @Slot()
    def _keep_selection(self) -> None:
        self._kept = self.selected()

    @Slot()
    def _restore_selection(self) -> None:
        self.select(self._kept)
        self._announce()

    @Slot(QModelIndex, int, int)
    def _show_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        self.list.scrollTo(self._shown.index(last, 0), QAbstractItemView.ScrollHint.EnsureVisible)
        self._describe()

    @Slot()
    def _announce(self) -> None:
        ids = self.selected()
        self._describe()
        if ids != self._announced:
            self._announced = ids
            self.selection_changed.emit(ids)

    @Slot()
    def _describe(self) -> None:
        total, chosen = self.model.rowCount(), len(self.list.selectionModel().selectedIndexes())
        stars = "1 star" if total == 1 else f"{total} stars"
        self.count.setText(f"{chosen} of {total}" if chosen else stars if total else "")
        self.export.setEnabled(total > 0)
        self.list.set_empty(f"No star matches “{self.search.text().strip()}”." if total else _EMPTY)


def _list_view() -> ThumbnailView:
    view = ThumbnailView(_SIDES, named=True)
    view.setObjectName("bookmarkList")
    view.setAccessibleName("Stars")
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    view.claim_keys(Qt.Key.Key_F2, Qt.Key.Key_Delete)
    return view


def _search_field() -> QLineEdit:
    field = QLineEdit()
    field.setObjectName("bookmarks.search")
    field.setAccessibleName("Search the stars")
    field.setPlaceholderText("Search")
    field.setClearButtonEnabled(True)
    field.setToolTip("Show the stars whose name, model or seed contains this")
    return field


def _button(text: str, icon: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    icons.set_icon(button, icon)
    button.setAccessibleName(text.removesuffix("…"))
    button.setToolTip(tooltip)
    return button
