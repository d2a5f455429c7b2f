"""The pictures of a pile, all of them or one large: selecting, deciding, going on to the next."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from latent_debugger.state.curation import KEEP, REJECT, UNDECIDED, Curation, Rows
from latent_debugger.views import icons
from latent_debugger.views.dataset_grid import CurationGrid
from latent_debugger.views.dataset_loupe import Loupe
from latent_debugger.views.dataset_model import CurationListModel

_SELECT = QItemSelectionModel.SelectionFlag


class PictureWall(QStackedWidget):
    """Shows ``model`` as thumbnails or one picture at a time, and decides in ``curation``.

    Signals:
        large_wanted(picture): read this row of the pile in full.
    """

    large_wanted = Signal(int)

    def __init__(self, curation: Curation, model: CurationListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curation, self.model = curation, model
        self._kept_selection: Rows = np.zeros(0, np.int64)
        self._kept_current = (-1, 0, 0)
        self.list, self.loupe = CurationGrid(model), Loupe()
        self.addWidget(self.list)
        self.addWidget(self.loupe)
        self.list.decision_pressed.connect(self.decide_selected)
        self.list.decision_clicked.connect(self._decide_one)
        self.list.opened.connect(self.toggle_loupe)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.selectionModel().currentChanged.connect(self._show_current)
        self.loupe.stepped.connect(self._step)
        self.loupe.decision_pressed.connect(self.decide_selected)
        self.loupe.closed.connect(self.toggle_loupe)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        curation.decided.connect(self._describe_current)
        curation.opinion_changed.connect(self._describe_current)

    def set_large(self, picture: int, image: QImage) -> None:
        """The picture asked for by ``large_wanted``; passed over when another one is on show."""
        if picture == self.current_picture():
            self.loupe.set_image(image)

    def is_large(self) -> bool:
        """Whether one picture is on show, not all."""
        return self.currentWidget() is self.loupe

    def show_all(self) -> None:
        """Back to the thumbnails."""
        self.setCurrentWidget(self.list)

    # what is selected

    def current_picture(self) -> int:
        """The row of the pile that the keyboard is at; -1 for none."""
        index = self.list.currentIndex()
        return self.model.picture_at(index.row()) if index.isValid() else -1

    def selected_pictures(self) -> Rows:
        """The rows of the pile that are selected, in the order on show; else the current one."""
        places = self.list.selected_places()
        return self.model.pictures()[places] if len(places) else self._current_only()

    # what the user does

    @Slot(int)
    def decide_selected(self, value: int) -> None:
        """Keep (1), reject (0) or undecide (-1) the selected pictures; after a single one, go on to the next."""
        pictures = self._current_only() if self.is_large() else self.selected_pictures()
        if len(pictures):
            place = self.model.place_of(int(pictures[0]))
            self._curation.decide(pictures, value)
            if len(pictures) == 1 and self.model.place_of(int(pictures[0])) == place:
                self.go_to(place + 1)

    def _current_only(self) -> Rows:
        current = self.current_picture()
        return np.array([current] if current >= 0 else [], np.int64)

    @Slot(int, int)
    def _decide_one(self, place: int, value: int) -> None:
        """A click on a mark leaves the selection alone, unless the tile is part of it."""
        picture = self.model.picture_at(place)
        chosen = self.selected_pictures()
        self._curation.decide(chosen if len(chosen) > 1 and picture in chosen else [picture], value)

    @Slot()
    def toggle_loupe(self) -> None:
        """Show the current picture large, or all of them again."""
        large = not self.is_large()
        if large and not self.list.currentIndex().isValid():
            self.go_to(0)
        if large and not self.list.currentIndex().isValid():
            return
        self.setCurrentWidget(self.loupe if large else self.list)
        self.currentWidget().setFocus()
        self._show_current()
        if not large:
            self.list.scrollTo(self.list.currentIndex())

    @Slot(int)
    def _step(self, step: int) -> None:
        self.go_to(self.list.currentIndex().row() + step)

    def go_to(self, place: int) -> None:
        """Make the picture at that place, or the nearest, the current and only selected one."""
        rows = self.model.rowCount()
        if rows:
            index = self.model.index(min(max(place, 0), rows - 1))
            self.list.selectionModel().setCurrentIndex(index, _SELECT.ClearAndSelect)
            self.list.scrollTo(index)

    def begin_at_top(self) -> None:
        """Something else, or another order, was asked for: its first picture is what one wants to see. A selection of
        several stays."""
        if len(self.list.selected_places()) <= 1:
            self.go_to(0)
        self.list.scrollToTop()

    @Slot(QPoint)
    def _show_menu(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        if not index.isValid():
            return
        if index.row() not in self.list.selected_places():
            self.go_to(index.row())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Picture")
        for text, icon, value in (("Keep\tK", "check", KEEP), ("Reject\tX", "close", REJECT)):
            icons.set_icon(menu.addAction(text, partial(self.decide_selected, value)), icon)
        menu.addAction("Undecide\tU", partial(self.decide_selected, UNDECIDED))
        menu.addSeparator()
        icons.set_icon(menu.addAction("Show large\tSpace", self.toggle_loupe), "search")
        menu.popup(self.list.viewport().mapToGlobal(position))

    # what the model does

    @Slot()
    def _remember(self) -> None:
        index = self.list.currentIndex()
        self._kept_selection = self.model.pictures()[self.list.selected_places()]
        self._kept_current = (self.current_picture(), index.row(), self.list.verticalScrollBar().value())

    @Slot()
    def _restore(self) -> None:
        """Select what was selected, as far as it is on show; what took the current one's place is the next."""
        picture, row, scrolled = self._kept_current
        places = self.model.places_of(self._kept_selection)
        self.list.selectionModel().select(self._selection(places), _SELECT.ClearAndSelect)
        rows = self.model.rowCount()
        if rows:
            place = self.model.place_of(picture)
            index = self.model.index(place if place >= 0 else min(max(row, 0), rows - 1))
            alone = _SELECT.NoUpdate if len(places) else _SELECT.ClearAndSelect
            self.list.selectionModel().setCurrentIndex(index, alone)
            self.list.executeDelayedItemsLayout()
            self.list.verticalScrollBar().setValue(scrolled)
            self.list.scrollTo(index)
        self._show_current()

    def _selection(self, places: Rows) -> QItemSelection:
        """By runs of neighbours: one by one, ten thousand would take seconds."""
        selection = QItemSelection()
        if len(places):
            for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
                selection.append(QItemSelectionRange(self.model.index(int(run[0])), self.model.index(int(run[-1]))))
        return selection

    @Slot()
    def _show_current(self) -> None:
        picture = self.current_picture()
        if not self.is_large():
            return
        if picture < 0:
            self.toggle_loupe()
            return
        decision = int(self._curation.keep()[picture])
        self.loupe.set_picture(self.model.thumbnail(picture), decision, self.model.describe(picture))
        self.large_wanted.emit(picture)

    @Slot()
    @Slot(object)
    def _describe_current(self, _: object = None) -> None:
        picture = self.current_picture()
        if self.is_large() and picture >= 0:
            self.loupe.set_decision(int(self._curation.keep()[picture]), self.model.describe(picture))
