"""The key frames of a path: stars, pictures and vector files come in; they are moved, timed and taken out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

from gan.latent.draws import Latents
from gan.latent.vectors import VectorNotes
from latent_debugger.services.exports import import_vectors
from latent_debugger.services.worker import Worker
from latent_debugger.state.bookmark import Bookmark, z_bytes
from latent_debugger.state.path import MAX_KEYS, Key
from latent_debugger.state.path_editor import PathEditor, PathState
from latent_debugger.state.session import Session
from latent_debugger.views import file_dialogs
from latent_debugger.views.burst import Burst
from latent_debugger.views.main_window import MainWindow


class PathKeys(QObject):
    """Every change is one step that can be undone."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        files: Worker,
        state: PathState,
        edit: PathEditor,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._session, self._files = window, session, files
        self._state, self._edit, self._panel = state, edit, window.paths
        self._burst = Burst()
        panel, actions = window.paths, window.action_map
        for name, act in (
            ("add_stars", self._add_stars),
            ("add_current", self._add_current),
            ("clear", edit.clear),
            ("open_latents", self._choose_latents),
        ):
            actions[f"path.{name}"].triggered.connect(act)
        panel.stars_dropped.connect(self._drop)
        panel.track.strip.removed.connect(self._remove)
        panel.track.strip.moved.connect(self._move)
        settings = panel.track.settings
        settings.seconds_changed.connect(self._set_seconds)
        settings.easing_changed.connect(self._set_easing)
        settings.way_changed.connect(edit.set_interpolation)
        settings.even_changed.connect(edit.set_even)
        settings.loop_changed.connect(edit.set_loop)
        window.bookmarks.list.addAction(actions["path.add_stars"])

    @Slot()
    def _add_stars(self) -> None:
        self._add_these(self._session.library.find(self._window.bookmarks.selected()))

    @Slot(object, int)
    def _drop(self, ids: tuple[str, ...], before: int) -> None:
        self._add_these(self._session.library.find(ids), before)

    def _add_these(self, stars: list[Bookmark], before: int | None = None) -> None:
        model = self._session.model
        if model is None or not stars:
            return
        fits = [star for star in stars if (star.dim, star.space) == (model.dim, model.space)]
        self.add([Key(star.z, star.name, star.id) for star in fits], before)
        if len(fits) < len(stars):
            self._window.messages.show_info("Stars of models with other latents cannot be on this path.")

    @Slot()
    def _add_current(self) -> None:
        latent, model = self._session.latent, self._session.model
        if model is None:
            return
        z = z_bytes(latent.z)
        star = self._session.library.contains_latent(z, model)
        seed, number = latent.origin.seed, len(self._state.plan.keys) + 1
        name = star.name if star is not None else f"Seed {seed}" if seed is not None else f"Picture {number}"
        self.add([Key(z, name, star.id if star is not None else None)])

    def add(self, keys: list[Key], before: int | None = None) -> None:
        """Put key frames in front of row ``before``, or behind all, and show them."""
        at = len(self._state.plan.keys) if before is None else before
        added = self._edit.add(keys, before)
        self._window.show_panel("paths")
        self._panel.set_page("path")
        self._panel.track.strip.select(range(at, at + added) if added == 1 else ())
        focused = QApplication.focusWidget()
        if focused is not None and self._panel.isAncestorOf(focused):
            self._panel.track.strip.setFocus()  # the button that was clicked may be gone, and Space should play
        if keys and not added:
            self._window.messages.show_info(f"The path is full: it has {MAX_KEYS} key frames. Take some out first.")
        elif added < len(keys):
            self._window.messages.show_info(f"A path has room for {MAX_KEYS} key frames; {added} were added.")

    @Slot()
    def _choose_latents(self) -> None:
        dialog = file_dialogs.open_key_frames(self._window, Path.home())
        dialog.fileSelected.connect(self._open_latents)
        file_dialogs.from_last_folder(dialog, self._session.folders).open()

    @Slot(str)
    def _open_latents(self, name: str) -> None:
        dim, stem = self._session.latent.dim, Path(name).stem

        def done(answer: tuple[Latents, VectorNotes]) -> None:
            latents, notes = answer
            if latents.shape[1] == self._session.latent.dim:
                names = notes.names or [f"{stem} {row}" for row in range(len(latents))]
                self.add([Key(z_bytes(z), text) for z, text in zip(latents, names, strict=True)])

        self._files.submit(import_vectors, Path(name), dim, done=done, failed=self._window.messages.show_error)

    @Slot(object)
    def _remove(self, rows: list[int]) -> None:
        self._edit.remove(rows)

    @Slot(object, int)
    def _move(self, rows: list[int], before: int) -> None:
        self._edit.move(rows, before)

    def _rows(self) -> list[int]:
        """Those selected, or all."""
        return self._panel.track.strip.rows() or list(range(len(self._state.plan.keys)))

    @Slot(float)
    def _set_seconds(self, seconds: float) -> None:
        self._edit.set_seconds(self._rows(), seconds, self._burst.token())

    @Slot(str)
    def _set_easing(self, easing: str) -> None:
        self._edit.set_easing(self._rows(), easing)  # type: ignore[arg-type]
