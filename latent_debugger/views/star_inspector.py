"""What is said of the selected stars, to be read and changed: name, rating, tags, note, where they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QStackedLayout, QVBoxLayout, QWidget

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.star_edit import StarEdit, parse_tags
from latent_debugger.state.star_query import tags_of
from latent_debugger.views import theme
from latent_debugger.views.bookmark_model import UNNAMED, provenance
from latent_debugger.views.rating_field import RatingField
from latent_debugger.views.tag_field import TagField

_NOTHING = "Select a star to name, rate and tag it."
_NOTE_HEIGHT = 48
_SOURCE_LINES = 3
QWIDGETSIZE_MAX = 2**24 - 1
"""Qt's own; PySide does not offer it."""


class StarInspector(QWidget):
    """Shows the selected stars of ``library``; changes nothing itself.

    What is typed counts when its field is left; of several stars, a field that differs is empty and says so.

    Signals:
        edited(ids, StarEdit): tuple of ids, and what is to become of them.
        left(): Return in a line of text: the keyboard may go back to the stars.
    """

    edited = Signal(object, object)
    left = Signal()

    def __init__(self, library: BookmarkLibrary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("starInspector")
        self.setAccessibleName("Selected stars")
        self._library = library
        self._stars: tuple[Bookmark, ...] = ()
        self.name, self.rating, self.tags, self.note = QLineEdit(), RatingField(), TagField(), NoteField()
        self.source = QLabel()
        self._lay_out()
        self.name.editingFinished.connect(self._commit_name)
        self.tags.editingFinished.connect(self._commit_tags)
        self.note.left.connect(self._commit_note)
        for line in (self.name, self.tags):
            line.returnPressed.connect(self.left)
        self.rating.chosen.connect(self._rate)
        for signal in (library.updated, library.removed):
            signal.connect(self._follow)
        library.reset.connect(self._follow)
        self.set_selection(())

    def _lay_out(self) -> None:
        for field, name, hint in (
            (self.name, "Name", "What to call the star; several get numbers"),
            (self.tags, "Tags", "Words to find the star by, separated by commas"),
            (self.note, "Note", "Anything worth remembering"),
        ):
            field.setObjectName(f"star.{name.lower()}")
            field.setAccessibleName(f"{name} of the star")
            field.setToolTip(hint)
        self.rating.setObjectName("star.rating")
        self.note.setStyleSheet(  # the theme's height is for one line; a document has a margin of its own
            f"QPlainTextEdit {{ min-height: {_NOTE_HEIGHT}px; max-height: {_NOTE_HEIGHT}px; padding: 0 3px; }}"
        )
        self.note.setTabChangesFocus(True)
        self.source.setObjectName("star.source")
        self.source.setAccessibleName("Where the star comes from")
        self.source.setProperty("quiet", True)
        self.source.setWordWrap(True)
        self.source.setFont(theme.numbers_font(self.source.font()))
        self.source.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.source.setFixedHeight(_SOURCE_LINES * self.source.fontMetrics().lineSpacing())  # nothing may jump
        nothing = QLabel(_NOTHING)
        nothing.setProperty("quiet", True)
        nothing.setWordWrap(True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        form = QWidget()
        first, column = QHBoxLayout(), QVBoxLayout(form)
        first.setSpacing(theme.UNIT // 2)
        first.addWidget(self.name, 1)
        first.addWidget(self.rating)
        column.setContentsMargins(0, theme.UNIT, 0, 0)
        column.setSpacing(theme.UNIT // 2)
        column.addLayout(first)
        column.addWidget(self.tags)
        column.addWidget(self.note)
        column.addWidget(self.source)
        column.addStretch(1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(nothing)
        self._pages.addWidget(form)
        self._line = nothing.sizeHint().height() + 2 * theme.UNIT
        self._folded = False

    @property
    def folded(self) -> bool:
        """Whether it is but a line that says what to do."""
        return self._folded

    def fold(self) -> None:
        """Be one line high."""
        self._folded = True
        self._pages.setCurrentIndex(0)
        self.setMaximumHeight(self._line)

    def open(self) -> None:
        """Be as high as one likes."""
        self._folded = False
        self._pages.setCurrentIndex(bool(self._stars))
        self.setMaximumHeight(QWIDGETSIZE_MAX)

    def set_selection(self, ids: Sequence[str]) -> None:
        """Show these stars; what was typed for others is asked for first."""
        if tuple(ids) != self._ids:
            self.commit()
            for field in (self.name, self.tags):
                field.setModified(False)
            self.note.document().setModified(False)
        self._show(ids)

    @Slot()
    def commit(self) -> None:
        """Ask for what was typed, wherever the keyboard still is."""
        self._commit_name()
        self._commit_tags()
        self._commit_note()

    @property
    def _ids(self) -> tuple[str, ...]:
        return tuple(item.id for item in self._stars)

    @Slot()
    @Slot(object)
    def _follow(self, _: object = None) -> None:
        self._show(self._ids)

    def _show(self, ids: Sequence[str]) -> None:
        """Fill every field that is not being edited."""
        self._stars = stars = tuple(self._library.find(ids))
        self._pages.setCurrentIndex(bool(stars) and not self._folded)
        if not stars:
            return
        if not self.name.isModified():
            self.name.setText(stars[0].name if len(stars) == 1 else "")
            self.name.setPlaceholderText(UNNAMED if len(stars) == 1 else f"{len(stars)} stars")
            self.name.setCursorPosition(0)
        if not self.tags.isModified():
            self.tags.setText(", ".join(self._common_tags()))
            self.tags.setPlaceholderText("Tags" if len(stars) == 1 else "Tags of all")
            self.tags.set_known(tags_of(self._library.bookmarks()))
        if not self.note.document().isModified():
            note = self._common(lambda item: item.note)
            self.note.setPlainText(note or "")
            self.note.setPlaceholderText("Note" if note is not None else "Different notes")
        self.rating.set_rating(self._common(lambda item: item.rating))
        self.source.setText(self._provenance())

    def _common(self, value: Callable[[Bookmark], Any]) -> Any:
        """What all stars share; None where they differ."""
        first = value(self._stars[0])
        return first if all(value(item) == first for item in self._stars) else None

    def _common_tags(self) -> list[str]:
        return [tag for tag in self._stars[0].tags if all(tag in item.tags for item in self._stars)]

    def _provenance(self) -> str:
        if len(self._stars) > 1:
            models = sorted({item.model_name for item in self._stars})
            return "From " + ", ".join(models[:3]) + (" and others" if len(models) > 3 else "")
        parent = self._library.get(self._stars[0].parent or "")
        return "\n".join(provenance(self._stars[0], parent.name if parent is not None else ""))

    @Slot()
    def _commit_name(self) -> None:
        if self.name.isModified():
            self.name.setModified(False)
            name = " ".join(self.name.text().split())
            if name and (len(self._stars) > 1 or (self._stars and name != self._stars[0].name)):
                self._ask(StarEdit(name=name))
            self._follow()

    @Slot()
    def _commit_tags(self) -> None:
        if self.tags.isModified():
            self.tags.setModified(False)
            wanted, had = parse_tags(self.tags.text()), self._common_tags() if self._stars else []
            added = tuple(tag for tag in wanted if tag not in had)
            removed = tuple(tag for tag in had if tag not in wanted)
            if added or removed:
                self._ask(StarEdit(add_tags=added, remove_tags=removed))

    @Slot()
    def _commit_note(self) -> None:
        if self.note.document().isModified():
            self.note.document().setModified(False)
            if self._stars:
                self._ask(StarEdit(note=self.note.toPlainText().strip()))

    @Slot(int)
    def _rate(self, rating: int) -> None:
        self._ask(StarEdit(rating=rating))

    def _ask(self, edit: StarEdit) -> None:
        if self._stars:
            self.edited.emit(self._ids, edit)


class NoteField(QPlainTextEdit):
    """A few lines of text that say when they are left."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own menu does not end the typing
            self.left.emit()
