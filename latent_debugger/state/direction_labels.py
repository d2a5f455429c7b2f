"""Stars as labels: those tagged NAME+ have an attribute, those tagged NAME- have it not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gan.latent.draws import Latents
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.model import OpenModel
from latent_debugger.state.star_edit import StarEdit

_MINUS = "\N{MINUS SIGN}"
_SIGNS = ("+", "-", _MINUS)


@dataclass(frozen=True)
class Labels:
    """The stars tagged for one attribute."""

    plus: tuple[Bookmark, ...] = ()
    minus: tuple[Bookmark, ...] = ()
    foreign: int = 0
    """Stars of other models, which are left out: their latents mean something else."""
    both: int = 0
    """Stars tagged + and − at once, which are left out."""

    @property
    def remark(self) -> str:
        """What the user should know; empty for nothing."""
        parts = []
        if self.foreign:
            is_ = "star of another model is" if self.foreign == 1 else "stars of other models are"
            parts.append(f"{self.foreign} {is_} left out.")
        if self.both:
            is_ = "star is" if self.both == 1 else "stars are"
            parts.append(f"{self.both} {is_} tagged + and − at once, and left out.")
        return " ".join(parts)

    def latents(self) -> tuple[Latents, Latents]:
        """(k, dim) tagged +, and (m, dim) tagged −."""
        return _stacked(self.plus), _stacked(self.minus)


def clean_attribute(text: str) -> str:
    """What was typed as a word that fits into a tag: without commas, which separate tags, and without a sign."""
    return " ".join(text.replace(",", " ").split()).rstrip("".join(_SIGNS)).strip()


def labels(stars: Iterable[Bookmark], attribute: str, model: OpenModel | None) -> Labels:
    """The stars tagged for ``attribute`` (as :func:`clean_attribute` gives it), sorted by their sign."""
    if not attribute or model is None:
        return Labels()
    plus: list[Bookmark] = []
    minus: list[Bookmark] = []
    foreign = both = 0
    for star in stars:
        has, lacks = f"{attribute}+" in star.tags, any(tag in star.tags for tag in _negative(attribute))
        if not (has or lacks):
            continue
        if star.dim != model.dim or star.space != model.space or not star.belongs_to(model):
            foreign += 1
        elif has and lacks:
            both += 1
        else:
            (plus if has else minus).append(star)
    return Labels(tuple(plus), tuple(minus), foreign, both)


def attributes(stars: Iterable[Bookmark]) -> list[str]:
    """Every attribute that a star is tagged for, by name."""
    tags = {tag for star in stars for tag in star.tags if tag.endswith(_SIGNS)}
    return sorted({name for tag in tags if (name := clean_attribute(tag))}, key=str.casefold)


def tagging(stars: Sequence[Bookmark], attribute: str, sign: str) -> StarEdit:
    """The edit that tags these as having (+) or not having (-) an attribute; where all are, it takes that back."""
    mine = (f"{attribute}+",) if sign == "+" else _negative(attribute)
    others = _negative(attribute) if sign == "+" else (f"{attribute}+",)
    if all(any(tag in star.tags for tag in mine) for star in stars):
        return StarEdit(remove_tags=mine)
    return StarEdit(add_tags=mine[:1], remove_tags=(*others, *mine[1:]))


def _negative(attribute: str) -> tuple[str, str]:
    return f"{attribute}-", f"{attribute}{_MINUS}"


def _stacked(stars: Sequence[Bookmark]) -> Latents:
    return np.stack([star.latent for star in stars]) if stars else np.zeros((0, 0), np.float32)
