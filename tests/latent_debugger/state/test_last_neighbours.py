from __future__ import annotations

import numpy as np

from gan.latent.draws import draw
from latent_debugger.state.anchor import Anchor
from latent_debugger.state.last_neighbours import MAX_BYTES, LastNeighbours


def test_the_anchor_comes_back_bit_for_bit() -> None:
    anchor = Anchor(draw(3, 5, 1), ("a", None, "b"))
    last = LastNeighbours.from_json(LastNeighbours.of(anchor, 7).to_json())
    found = last.anchor(5)
    assert last.seed == 7 and found is not None and anchor.same(found)
    found.latents[0, 0] = 1.0  # it is a copy, which may be written to


def test_another_number_of_dimensions_brings_nothing_back() -> None:
    last = LastNeighbours.of(Anchor(draw(2, 6, 1), (None, None)), 7)
    assert last.anchor(6) is not None
    assert all(last.anchor(dim) is None for dim in (1, 3, 4, 12))
    assert LastNeighbours().anchor(6) is None


def test_what_is_too_large_for_a_session_is_left_out() -> None:
    rows = MAX_BYTES // 4 // 64
    fits, large = (Anchor(np.zeros((n, 64), np.float32), (None,) * n) for n in (rows, rows + 1))
    assert LastNeighbours.of(fits, 1).anchor(64) is not None
    assert LastNeighbours.of(large, 1) == LastNeighbours.of(None, 1) == LastNeighbours()
