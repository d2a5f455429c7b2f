"""Stars: the database commits first, then the library changes, then the star lights up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from gan.errors import UserError
from gan.images import Bytes
from gan.latent.draws import Latents
from gan.latent.vectors import VectorNotes
from latent_debugger.services.exports import thumbnail_png
from latent_debugger.services.library import LibraryService
from latent_debugger.state.bookmark import Bookmark, z_bytes
from latent_debugger.state.commands import PutBookmarks, RemoveBookmarks
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.labels import go_to
from latent_debugger.state.latent import Origin
from latent_debugger.state.session import Session
from latent_debugger.state.star_edit import StarEdit, moved
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.frames import FrameFlow


class BookmarkFlow(QObject):
    """Star, name, delete and recall."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        library: LibraryService,
        editor: LatentEditor,
        frames: FrameFlow,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._store = window, session, library
        self._editor, self._frames = editor, frames
        self._on_the_way: set[bytes] = set()  # latents that were starred, but are not on disk yet
        self._number, self._position = 0, -1.0  # of the last star added
        library.loaded.connect(session.library.load)
        library.put_done.connect(self._arrive)
        library.removed.connect(session.library.apply_removed)
        library.failed.connect(self._fail)
        library.notice.connect(window.messages.show_notice)
        actions, panel = window.action_map, window.bookmarks
        actions["bookmark.add"].triggered.connect(self.add_current)
        actions["bookmark.delete"].triggered.connect(panel.delete_selected)
        actions["bookmark.recall"].triggered.connect(panel.recall_current)
        actions["bookmark.move_earlier"].triggered.connect(panel.move_earlier)
        actions["bookmark.move_later"].triggered.connect(panel.move_later)
        window.canvas.star_clicked.connect(self._toggle_current)
        panel.recall_requested.connect(self._recall)
        panel.rename_requested.connect(self._rename)
        panel.delete_requested.connect(self._delete)
        panel.edit_requested.connect(self._edit)
        panel.move_requested.connect(self._move)
        window.closing.connect(panel.inspector.commit)
        for signal in (session.library.inserted, session.library.removed, session.library.updated):
            signal.connect(self._light_star)
        session.latent.changed.connect(self._light_star)
        session.library.reset.connect(self._light_star)
        session.model_changed.connect(self._light_star)

    @Slot()
    def add_current(self) -> None:
        """Star the picture on the canvas."""
        latent, model = self._session.latent, self._session.model
        if model is None:
            return
        z = z_bytes(latent.z)
        if z in self._on_the_way or self._session.library.contains_latent(z, model) is not None:
            self._window.messages.show_info("This picture is starred already.")
        else:
            self.add([latent.z], [latent.origin], [self._picture_of(latent.z)])

    def toggle(self, latent: Latents, origin: Origin, image: Bytes | None) -> None:
        """Star ``latent``, or take its star away."""
        model = self._session.model
        if model is None or z_bytes(latent) in self._on_the_way:
            return
        starred = self._session.library.contains_latent(z_bytes(latent), model)
        if starred is None:
            self.add([latent], [origin], [image])
        else:
            self._delete((starred.id,))

    def add(
        self,
        latents: Sequence[Latents],
        origins: Sequence[Origin],
        images: Sequence[Bytes | None],
        notes: VectorNotes | None = None,
    ) -> int:
        """Star latents in one undoable step. Pictures that are missing are drawn later.

        Args:
            notes: names, ratings and tags of imported vectors, and the model they say they are of.

        Returns:
            How many were starred: those that the library has, or that come twice, are passed over.
        """
        model, library = self._session.model, self._session.library
        if model is None:
            return 0
        first = max(self._position + 1, library.next_position())
        number = max(self._number + 1, library.next_number())
        added: dict[tuple[object, bytes], Bookmark] = {}
        for row, (latent, origin, image) in enumerate(zip(latents, origins, images, strict=True)):
            bookmark = Bookmark.new(
                latent,
                model=model,
                origin=origin,
                name=f"Star {number + len(added)}",
                thumbnail=thumbnail_png(image) if image is not None else b"",
                position=first + len(added),
            )
            bookmark = _annotated(bookmark, notes, row) if notes is not None else bookmark
            if library.twin(bookmark) is None:
                added.setdefault((bookmark.model_key, bookmark.z), bookmark)
        if added:
            stars = list(added.values())
            self._number, self._position = number + len(stars) - 1, stars[-1].position
            self._on_the_way.update(item.z for item in stars)
            text = "star" if len(stars) == 1 else f"{len(stars)} stars"
            self._session.undo.push(PutBookmarks(self._store, (), stars, text))
        return len(added)

    @Slot(object)
    def _arrive(self, bookmarks: Sequence[Bookmark]) -> None:
        self._on_the_way.difference_update(item.z for item in bookmarks)
        self._session.library.apply_put(bookmarks)

    def _picture_of(self, z: Latents) -> Bytes | None:
        """The canvas's picture, if it already shows ``z`` under the open model."""
        frame, model = self._frames.latest, self._session.model
        fits = frame is not None and model is not None and frame.model_sha256 == model.sha256
        return frame.image if fits and frame is not None and z_bytes(frame.z) == z_bytes(z) else None

    @Slot()
    def _toggle_current(self) -> None:
        latent = self._session.latent
        self.toggle(latent.z, latent.origin, self._picture_of(latent.z))

    @Slot(object)
    def _recall(self, bookmark_id: str) -> None:
        bookmark = self._session.library.get(bookmark_id)
        if bookmark is None:
            return
        if bookmark.dim != self._session.latent.dim:
            self._fail(
                UserError(
                    f"{bookmark.name} has {bookmark.dim} dimensions, but this model takes {self._session.latent.dim}.",
                    f"Open {bookmark.model_name} first.",
                )
            )
            return
        origin, text = Origin(seed=bookmark.seed, parent=bookmark.id), f"go to {bookmark.name}"
        go_to(self._session, self._editor, bookmark.latent, origin, text, bookmark.label)

    @Slot(object, object)
    def _rename(self, bookmark_id: str, name: str) -> None:
        before = self._session.library.get(bookmark_id)
        if before is not None and name.strip() and name.strip() != before.name:
            after = replace(before, name=name.strip())
            self._session.undo.push(PutBookmarks(self._store, (before,), (after,), "rename"))

    @Slot(object, object)
    def _edit(self, ids: Sequence[str], edit: StarEdit) -> None:
        before = self._session.library.find(ids)
        self._change(before, edit.applied(before), edit.text)

    @Slot(object, object)
    def _move(self, ids: Sequence[str], target: str | None) -> None:
        after = moved(self._session.library.bookmarks(), ids, target)
        before = self._session.library.find(new.id for new in after)
        self._change(before, after, "move")

    def _change(self, before: Sequence[Bookmark], after: Sequence[Bookmark], text: str) -> None:
        pairs = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        if pairs:
            text = text if len(pairs) == 1 else f"{text} of {len(pairs)} stars"
            olds, news = zip(*pairs, strict=True)
            self._session.undo.push(PutBookmarks(self._store, olds, news, text))

    @Slot(object)
    def _delete(self, ids: Sequence[str]) -> None:
        found = self._session.library.find(ids)
        if found:
            text = "removal of a star" if len(found) == 1 else f"removal of {len(found)} stars"
            self._session.undo.push(RemoveBookmarks(self._store, found, text))

    @Slot()
    @Slot(object)
    def _light_star(self, _: object = None) -> None:
        model, z = self._session.model, self._session.latent.z
        starred = model is not None and self._session.library.contains_latent(z_bytes(z), model) is not None
        self._window.canvas.set_starred(starred)

    @Slot(object)
    def _fail(self, error: UserError) -> None:
        self._on_the_way.clear()
        self._window.messages.show_error(error)


def _annotated(bookmark: Bookmark, notes: VectorNotes, row: int) -> Bookmark:
    """What an imported file says about this row; a model it names wins over the open one."""
    foreign = notes.model_sha256 is not None or notes.run is not None
    return replace(
        bookmark,
        name=notes.names[row] if notes.names else bookmark.name,
        rating=min(max(notes.ratings[row], 0), 5) if notes.ratings else 0,
        tags=tuple(notes.tags[row]) if notes.tags else (),
        note=notes.notes[row] if notes.notes else "",
        label=notes.labels[row] if notes.labels else bookmark.label,
        model_sha256=notes.model_sha256 or "" if foreign else bookmark.model_sha256,
        run=notes.run if foreign else bookmark.run,
    )
