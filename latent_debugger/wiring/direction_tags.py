"""Directions learnt from stars that are tagged + and −."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from gan.errors import UserError
from gan.latent.directions import Direction
from latent_debugger.services.direction_search import learn
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.state.direction_editor import DirectionEditor
from latent_debugger.state.direction_labels import attributes, clean_attribute, labels, tagging
from latent_debugger.state.directions import MAX_DIRECTIONS
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow

LEARN = "direction.learn"


class DirectionTagFlow(QObject):
    """Tags the selected stars, counts tags, and learns from them."""

    def __init__(
        self, window: MainWindow, session: Session, instruments: InstrumentService, editor: DirectionEditor
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._instruments, self._editor = window, session, instruments, editor
        self._finder, self._state = window.directions.finder, session.directions
        self._active = False
        self._soon = QTimer(self)  # thousands of stars may change in one go
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._count)
        actions, library = window.action_map, session.library
        self._finder.tag_requested.connect(self.tag)
        self._finder.learn_requested.connect(self.learn)
        actions["direction.tag_plus"].triggered.connect(self._tag_plus)
        actions["direction.tag_minus"].triggered.connect(self._tag_minus)
        actions["direction.learn"].triggered.connect(self.learn)
        window.docks["directions"].visibilityChanged.connect(self._activate)
        window.bookmarks.selection_changed.connect(self._later)
        for signal in (library.inserted, library.removed, library.updated):
            signal.connect(self._later)
        for signal in (library.reset, session.model_changed, self._state.settings_changed):
            signal.connect(self._later)
        self._enable()

    @property
    def attribute(self) -> str:
        """The attribute named in the panel; empty for none."""
        return clean_attribute(self._state.settings.attribute)

    def cancel(self) -> None:
        """Learn no more."""
        self._instruments.cancel(LEARN)

    @Slot(str)
    def tag(self, sign: str) -> None:
        """Tag the selected stars with + or -; where all are, take that back."""
        chosen = self._window.bookmarks.selected()
        stars = self._session.library.find(chosen)
        if not self.attribute:
            self._ask_name()
        elif not stars:
            self._window.messages.show_info("Select stars on the right first; then tag them.")
        else:
            self._window.bookmarks.edit_requested.emit(chosen, tagging(stars, self.attribute, sign))

    @Slot()
    def learn(self) -> None:
        """Learn the direction of the attribute from the stars tagged so."""
        model = self._session.model
        found = labels(self._session.library.bookmarks(), self.attribute, model)
        if model is None:
            self._window.messages.show_error(UserError("There is no model open.", "Open a checkpoint first."))
        elif not self.attribute:
            self._ask_name()
        elif not found.plus or not found.minus:
            missing = "+" if not found.plus else "−"
            hint = f"Select some and press {missing} in the panel Directions. {found.remark}".strip()
            self._window.messages.show_error(
                UserError(f"No star of this model is tagged {missing} for “{self.attribute}”.", hint)
            )
        else:
            self._window.show_panel("directions")
            work = partial(learn, self.attribute, *found.latents())
            failed = self._window.messages.show_error
            self._instruments.run(LEARN, work, self._learnt, failed, self._advance, slow=True)

    def _ask_name(self) -> None:
        self._window.show_panel("directions")
        self._finder.attribute.setFocus()
        self._window.messages.show_info("Name an attribute in the panel Directions first, such as glasses.")

    def _learnt(self, direction: Direction) -> None:
        item = self._editor.learnt(direction)
        if item is None:
            self._window.messages.show_error(
                UserError(f"There is room for {MAX_DIRECTIONS} directions.", "Remove some, then learn again.")
            )
        else:
            self._window.directions.set_current(item.id)

    def _advance(self, share: float, _: object) -> None:
        self._finder.set_progress(share)

    @Slot()
    def _tag_plus(self) -> None:
        self.tag("+")

    @Slot()
    def _tag_minus(self) -> None:
        self.tag("-")

    # counting

    @Slot(bool)
    def _activate(self, active: bool) -> None:
        self._active = active
        if active:
            self._count()
        else:
            self._soon.stop()

    @Slot()
    @Slot(object)
    def _later(self, _: object = None) -> None:
        self._enable()
        if self._active:
            self._soon.start()

    @Slot()
    def _count(self) -> None:
        stars = self._session.library.bookmarks()
        found = labels(stars, self.attribute, self._session.model)
        self._finder.set_known(attributes(stars))
        selected = len(self._window.bookmarks.selected())
        self._finder.set_counts(len(found.plus), len(found.minus), found.remark, selected)

    def _enable(self) -> None:
        actions, selected = self._window.action_map, bool(self._window.bookmarks.selected())
        for verb in ("tag_plus", "tag_minus"):
            actions[f"direction.{verb}"].setEnabled(selected)
        actions["direction.learn"].setEnabled(self._session.model is not None)
