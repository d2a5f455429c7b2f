"""A star: a latent worth keeping, what it looked like, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from uuid import uuid4

import numpy as np

from gan.latent.draws import Latents
from latent_debugger.state.latent import Origin
from latent_debugger.state.model import OpenModel


@dataclass(frozen=True, kw_only=True, slots=True)  # slots: thousands live long, and the garbage collector visits them
class Bookmark:
    """One star. Change it with :func:`dataclasses.replace` and put the copy into the store."""

    id: str
    """uuid4 in hexadecimal."""
    z: bytes
    """The latent bit for bit: ``dim`` float32, little-endian."""
    dim: int
    """Length of the latent."""
    space: str
    """The space it lives in; "z", but for models with others."""
    name: str
    """What the user calls it."""
    model_name: str
    """The model it was starred with, for people to read."""
    model_sha256: str
    """The checkpoint's sha256."""
    run: str | None
    """The uuid of the checkpoint's training run, where known."""
    step: int
    """The checkpoint's generator updates."""
    seed: int | None
    """Row 0 of this seed's draw is the latent, where it was drawn so."""
    parent: str | None
    """The id of the bookmark it descends from; that one may be gone."""
    sigma: float | None
    """The noise that was added to the parent, in standard deviations."""
    rating: int = 0
    """0 (not rated) to 5 stars."""
    tags: tuple[str, ...] = ()
    """Free words."""
    note: str = ""
    """Free text."""
    created: str
    """Date and time in UTC, ISO 8601."""
    position: float
    """Place in the list, ascending; a float, so that one more always fits between two."""
    thumbnail: bytes
    """PNG, or empty while there is none."""
    label: str = ""
    """The class that was drawn, by name; empty where the model has none."""

    def __post_init__(self) -> None:
        if len(self.z) != 4 * self.dim:
            raise ValueError(f"{len(self.z)} bytes are not {self.dim} float32 values")

    @property
    def latent(self) -> Latents:
        """The latent, (dim,) float32: a fresh copy."""
        return np.frombuffer(self.z, "<f4").astype(np.float32)

    @property
    def model_key(self) -> tuple[str, str, int, str]:
        """Equal for bookmarks of the same model, as :meth:`belongs_to` understands it, and of the same class."""
        return (f"run {self.run}" if self.run is not None else self.model_sha256, self.space, self.dim, self.label)

    def belongs_to(self, model: OpenModel) -> bool:
        """Whether ``model`` is the one it was starred with (any step of the same run)."""
        return model.same_model(self.run, self.model_sha256)

    @classmethod
    def new(
        cls, latent: Latents, *, model: OpenModel, origin: Origin, name: str, thumbnail: bytes, position: float
    ) -> Bookmark:
        """A bookmark of ``latent`` (dim,), made now with ``model``."""
        return cls(
            id=uuid4().hex,
            z=z_bytes(latent),
            dim=len(latent),
            space=model.space,
            name=name,
            model_name=model.name,
            model_sha256=model.sha256,
            run=model.run,
            step=model.step,
            seed=origin.seed,
            parent=origin.parent,
            sigma=origin.sigma,
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            position=position,
            thumbnail=thumbnail,
            label=model.label,
        )


def z_bytes(latent: Latents) -> bytes:
    """A latent (dim,) as :attr:`Bookmark.z` holds it."""
    return np.ascontiguousarray(latent, "<f4").tobytes()


def merged(base: Bookmark, mine: Bookmark, theirs: Bookmark) -> Bookmark:
    """``theirs`` with the changes that led from ``base`` to ``mine``: field by field, and tag by tag."""
    changed = {
        field.name: getattr(mine, field.name)
        for field in fields(Bookmark)
        if getattr(mine, field.name) != getattr(base, field.name)
    }
    if "tags" in changed and theirs.tags != base.tags:
        added = [tag for tag in mine.tags if tag not in base.tags and tag not in theirs.tags]
        kept = [tag for tag in theirs.tags if tag not in base.tags or tag in mine.tags]
        changed["tags"] = (*kept, *added)
    return replace(theirs, **changed)
