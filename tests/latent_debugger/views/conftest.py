"""What the panels show: a model and its stars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from gan.latent.draws import draw
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.latent import Origin
from latent_debugger.state.model import OpenModel


@pytest.fixture
def star(model: OpenModel) -> Callable[..., Bookmark]:
    """``star(n, **changes)`` makes the bookmark ``star n`` of seed n at position n, with a red thumbnail."""
    file = BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "png")

    def make(n: int, **changes: Any) -> Bookmark:
        made = Bookmark.new(
            draw(1, 5, n)[0],
            model=model,
            origin=Origin(seed=n),
            name=f"star {n}",
            thumbnail=file.getvalue(),
            position=float(n),
        )
        return replace(made, **changes)

    return make
