"""Instruments > Star arithmetic: A − B + C, with the pictures of all four."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Slot

from gan.errors import UserError
from gan.instruments.paths import arithmetic, mean
from gan.latent.draws import Latents
from latent_debugger.services.render import RenderService
from latent_debugger.state.bookmark import Bookmark, z_bytes
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.latent import Origin
from latent_debugger.state.path import Key
from latent_debugger.state.path_editor import PathEditor
from latent_debugger.state.session import Session
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring.path_pictures import Pictures

CANVAS, SELECTED = "canvas", "selected"
_MINUS = "\N{MINUS SIGN}"


class ArithmeticFlow(QObject):
    """Fills the page *Arithmetic* while it is in view."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        render: RenderService,
        editor: LatentEditor,
        path: PathEditor,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._session, self._editor, self._path = window, session, editor, path
        self._page = window.paths.arithmetic
        self._pictures = Pictures(render, "path.arithmetic", self)
        self._active = False
        self._shown: list[bytes | None] = [None] * 4
        self._result: tuple[Latents, str] | None = None
        self._page.changed.connect(self._calculate)
        self._page.go_requested.connect(self._go)
        self._page.add_requested.connect(self._add)
        self._pictures.changed.connect(self._show_pictures)
        window.bookmarks.selection_changed.connect(self._later)
        session.latent.changed.connect(self._latent_changed)
        for signal in (session.library.inserted, session.library.removed, session.library.updated):
            signal.connect(self._later)
        session.library.reset.connect(self._later)

    def set_active(self, active: bool) -> None:
        """Whether somebody can see the page."""
        self._active = active
        self._later()

    def set_model(self) -> None:
        """Another model is open."""
        self._pictures.forget()
        self._later()

    @Slot()
    @Slot(object)
    def _later(self, _: object = None) -> None:
        if self._active:
            self._page.set_entries(self._entries())
            self._calculate()

    @Slot(object)
    def _latent_changed(self, _: object) -> None:
        if self._active and CANVAS in self._page.chosen():
            self._calculate()

    def _stars(self) -> list[Bookmark]:
        model = self._session.model
        if model is None:
            return []
        every = self._session.library.bookmarks()
        return [star for star in every if (star.dim, star.space) == (model.dim, model.space)]

    def _selected(self) -> list[Bookmark]:
        fits = {star.id for star in self._stars()}
        return self._session.library.find(id_ for id_ in self._window.bookmarks.selected() if id_ in fits)

    def _entries(self) -> list[tuple[str, str]]:
        stars, chosen = self._stars(), len(self._selected())
        if not stars:
            return []
        entries = [(CANVAS, "The canvas")]
        if chosen > 1:
            entries.append((SELECTED, f"Mean of {chosen} selected stars"))
        return entries + [(star.id, star.name) for star in stars]

    def _latent_of(self, id_: str) -> tuple[Latents, str] | None:
        """A latent (dim,) and what to call it; None for nothing."""
        if id_ == CANVAS:
            return self._session.latent.z, "canvas"
        if id_ == SELECTED:
            stars = self._selected()
            return (mean([star.latent for star in stars]), f"mean of {len(stars)} stars") if stars else None
        star = self._session.library.get(id_)
        return (star.latent, star.name) if star is not None else None

    @Slot()
    def _calculate(self) -> None:
        if not self._active:
            return
        self._result, self._shown = None, [None] * 4
        try:
            a, b, c = (self._latent_of(id_) if id_ else None for id_ in self._page.chosen())
            self._shown[:3] = [z_bytes(term[0]) if term is not None else None for term in (a, b, c)]
            if a is None:
                self._page.set_result(None, "")
            else:
                z = a[0] if b is None and c is None else arithmetic(
                    [a[0], *([c[0]] if c is not None else [])], [b[0]] if b is not None else []
                )  # fmt: skip
                name = a[1] + (f" {_MINUS} {b[1]}" if b is not None else "") + (f" + {c[1]}" if c is not None else "")
                self._result, self._shown[3] = (z, name), z_bytes(z)
                self._page.set_result(f"{name}: {_angle(a[0], z):.0f}° from {a[1]}", "")
        except UserError as error:
            self._page.set_result(None, f"{error}")
        self._pictures.show([z for z in self._shown if z is not None])

    @Slot()
    def _show_pictures(self) -> None:
        for place, z in enumerate(self._shown):
            self._page.set_picture(place, self._pictures.images.get(z) if z is not None else None)

    @Slot()
    def _go(self) -> None:
        if self._result is not None:
            z, name = self._result
            self._editor.go_to(z, Origin(), name)

    @Slot()
    def _add(self) -> None:
        if self._result is not None:
            z, name = self._result
            if self._path.add([Key(z_bytes(z), name)]):
                self._window.messages.show_info(f"{name} is the path's last key frame now.")
            else:
                self._window.messages.show_info("The path is full. Take some key frames out first.")


def _angle(a: Latents, b: Latents) -> float:
    """Between two latents (dim,), in degrees; 0 where one of them is 0."""
    lengths = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(np.degrees(np.arccos(np.clip(float(a @ b) / lengths, -1, 1)))) if lengths > 0 else 0.0
