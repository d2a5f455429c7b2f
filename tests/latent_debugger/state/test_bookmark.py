from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.latent import Origin
from latent_debugger.state.model import OpenModel


@given(z=arrays(np.float32, st.integers(1, 32)))
def test_latent_comes_back_bit_for_bit(model: OpenModel, z: np.ndarray[Any, np.dtype[np.float32]]) -> None:
    made = Bookmark.new(z, model=model, origin=Origin(), name="", thumbnail=b"", position=0.0)
    assert made.latent.tobytes() == z.tobytes()
    assert made.dim == len(z)


def test_remembers_model_and_origin(model: OpenModel) -> None:
    origin = Origin(seed=4, parent="p", sigma=0.5)
    made = Bookmark.new(np.zeros(5, np.float32), model=model, origin=origin, name="n", thumbnail=b"t", position=2.5)
    assert (made.model_name, made.model_sha256, made.run, made.step, made.space) == (
        "people64", "a" * 64, "run-a", 7, "z",
    )  # fmt: skip
    assert (made.seed, made.parent, made.sigma, made.position, made.thumbnail) == (4, "p", 0.5, 2.5, b"t")
    assert datetime.fromisoformat(made.created).tzinfo is not None
    assert made.belongs_to(model)
    assert not made.belongs_to(replace(model, run="run-b"))


def test_ids_differ_and_the_latent_is_a_copy(model: OpenModel) -> None:
    z = np.zeros(5, np.float32)
    one, two = (Bookmark.new(z, model=model, origin=Origin(), name="", thumbnail=b"", position=0.0) for _ in range(2))
    assert one.id != two.id
    one.latent[0] = 1
    assert one.latent[0] == 0


def test_bytes_that_do_not_fit_are_refused(star: Any) -> None:
    with pytest.raises(ValueError, match="not 4 float32"):
        replace(star(dim=5), dim=4)
