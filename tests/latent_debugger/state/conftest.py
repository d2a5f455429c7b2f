"""The stars of a model. Session scope, so that hypothesis may use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gan.latent.draws import draw
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.latent import Origin
from latent_debugger.state.model import OpenModel


@pytest.fixture(scope="session")
def star(model: OpenModel) -> Callable[..., Bookmark]:
    """``star(seed, dim=5, position=0.0, **changes)`` makes a bookmark of that seed's draw."""

    def make(seed: int = 0, *, dim: int = 5, position: float = 0.0, **changes: Any) -> Bookmark:
        z = draw(1, dim, seed)[0]
        origin = Origin(seed=seed)
        made = Bookmark.new(z, model=model, origin=origin, name=f"star {seed}", thumbnail=b"png", position=position)
        return replace(made, **changes)

    return make
