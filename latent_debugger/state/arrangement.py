"""How the dimensions of the latent are laid out: which are pinned or hidden, in what order, in which view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, get_args

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from gan.config import MAX_Z_DIM
from latent_debugger.state.latent import LatentState, Mask

Sort = Literal["number", "value", "magnitude", "sensitivity"]
Group = Literal["none", "16", "32", "locks"]
Weak = Literal["none", "10%", "25%", "50%", "top16", "top32"]
"""Which dimensions count as weak: under a share of the strongest one's sensitivity, or all but the strongest N."""
SORTS: tuple[Sort, ...] = get_args(Sort)
GROUPS: tuple[Group, ...] = get_args(Group)
WEAKS: tuple[Weak, ...] = get_args(Weak)
PINNED, HIDDEN, WEAK = "pinned", "hidden", "weak"
"""Keys of the sections that always exist; those of a group have others."""
MAX_SIZES = 16
"""For so many sizes of latents pins and hidden rows are remembered."""


@dataclass(frozen=True)
class Marks:
    """What the user marked in latents of one size."""

    pinned: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()


@dataclass(frozen=True)
class ArrangementSettings:
    """What the next start remembers."""

    sort: Sort = "number"
    group: Group = "none"
    weak: Weak = "none"
    """Which dimensions are folded away because they do little to the picture."""
    faders: bool = False
    """Vertical sliders side by side instead of rows."""
    marks: Mapping[int, Marks] = field(default_factory=dict)
    """By number of dimensions."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        marks = {str(dim): {"pinned": list(m.pinned), "hidden": list(m.hidden)} for dim, m in self.marks.items()}
        return {"sort": self.sort, "group": self.group, "weak": self.weak, "faders": self.faders, "marks": marks}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what :meth:`to_json` wrote; whatever is damaged gets its default."""
        found = value if isinstance(value, dict) else {}
        marks = found.get("marks")
        return cls(
            sort=next((item for item in SORTS if item == found.get("sort")), "number"),
            group=next((item for item in GROUPS if item == found.get("group")), "none"),
            weak=next((item for item in WEAKS if item == found.get("weak")), "none"),
            faders=found.get("faders") is True,
            marks=_marks(marks if isinstance(marks, dict) else {}),
        )


class Arrangement(QObject):
    """The arrangement of ``latent``. Pins and hidden rows belong to a number of dimensions, and come back with it."""

    marked = Signal()
    """Other rows are pinned or hidden. Not emitted when the latent is resized, for that says it already."""
    arranged = Signal()
    """Order, groups or folds changed."""
    faders_changed = Signal(bool)
    """The view changed: faders, or rows."""

    def __init__(self, latent: LatentState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latent = latent
        self._settings = ArrangementSettings()
        self._folded = frozenset({HIDDEN, WEAK})
        self._pinned = self._hidden = _mask((), 0)
        latent.resized.connect(self._resize)
        self._resize()

    @property
    def settings(self) -> ArrangementSettings:
        """What is worth remembering."""
        return self._settings

    @property
    def pinned(self) -> Mask:
        """(dim,): True for rows that stay on top."""
        return self._pinned

    @property
    def hidden(self) -> Mask:
        """(dim,): True for rows out of the way. No row is both pinned and hidden."""
        return self._hidden

    @property
    def folded(self) -> frozenset[str]:
        """Keys of the sections of which only the title shows."""
        return self._folded

    def set_marks(self, pinned: npt.ArrayLike, hidden: npt.ArrayLike) -> None:
        """Pin and hide rows (two masks (dim,)); what is pinned is not hidden."""
        on_top = np.array(pinned, np.bool_)
        away = np.array(hidden, np.bool_) & ~on_top
        if np.array_equal(on_top, self._pinned) and np.array_equal(away, self._hidden):
            return
        self._pinned, self._hidden = on_top, away
        kept = {dim: marks for dim, marks in self._settings.marks.items() if dim != self._latent.dim}
        if on_top.any() or away.any():
            kept[self._latent.dim] = Marks(_indices(on_top), _indices(away))
        newest = dict(list(kept.items())[-MAX_SIZES:])
        self._settings = replace(self._settings, marks=newest)
        self.marked.emit()

    def set_sort(self, sort: Sort) -> None:
        """Order rows by number, value, magnitude or sensitivity; the largest come first."""
        self._arrange(replace(self._settings, sort=sort))

    def set_group(self, group: Group) -> None:
        """Put rows in blocks of 16 or 32, or by their locks."""
        self._arrange(replace(self._settings, group=group))

    def set_weak(self, weak: Weak) -> None:
        """Put the dimensions that do little to the picture in a section of their own, or none."""
        self._arrange(replace(self._settings, weak=weak))

    def set_folded(self, key: str, folded: bool) -> None:
        """Fold a section, or unfold it."""
        wanted = self._folded | {key} if folded else self._folded - {key}
        if wanted != self._folded:
            self._folded = wanted
            self.arranged.emit()

    def set_faders(self, faders: bool) -> None:
        """Show faders, or rows."""
        if faders != self._settings.faders:
            self._settings = replace(self._settings, faders=faders)
            self.faders_changed.emit(faders)

    def restore(self, settings: ArrangementSettings) -> None:
        """Take over what the last session left."""
        marks = settings.marks.get(self._latent.dim, Marks())
        self.set_faders(settings.faders)
        self._arrange(replace(settings, marks=self._settings.marks))
        self._settings = settings
        self.set_marks(_mask(marks.pinned, self._latent.dim), _mask(marks.hidden, self._latent.dim))

    def _arrange(self, settings: ArrangementSettings) -> None:
        if settings != self._settings:
            self._settings = settings
            self.arranged.emit()

    def _resize(self) -> None:
        dim = self._latent.dim
        marks = self._settings.marks.get(dim, Marks())
        self._pinned = _mask(marks.pinned, dim)
        self._hidden = _mask(marks.hidden, dim) & ~self._pinned


def _mask(indices: tuple[int, ...], dim: int) -> Mask:
    return np.isin(np.arange(dim), indices)


def _indices(mask: Mask) -> tuple[int, ...]:
    return tuple(mask.nonzero()[0].tolist())


def _marks(found: Mapping[Any, Any]) -> dict[int, Marks]:
    sizes = {
        int(dim): Marks(_numbers(rows.get("pinned"), int(dim)), _numbers(rows.get("hidden"), int(dim)))
        for dim, rows in found.items()
        if isinstance(dim, str) and dim.isascii() and dim.isdigit() and len(dim) < 5 and int(dim) <= MAX_Z_DIM
        if isinstance(rows, dict)
    }
    return dict(list(sizes.items())[-MAX_SIZES:])


def _numbers(value: object, dim: int) -> tuple[int, ...]:
    items = value if isinstance(value, list) else []
    good = {item for item in items if isinstance(item, int) and not isinstance(item, bool) and 0 <= item < dim}
    return tuple(sorted(good))
