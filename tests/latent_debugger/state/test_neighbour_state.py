from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gan.errors import UserError
from gan.latent.draws import draw
from gan.latent.neighbours import around, neighbours
from latent_debugger.state.anchor import NeighbourRequest
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.latent import LatentState, Origin
from latent_debugger.state.neighbour_state import NeighbourSettings, NeighbourState


@pytest.fixture
def latent() -> LatentState:
    state = LatentState()
    state.resize(5)
    state.set(draw(1, 5, 1)[0], Origin(seed=1))
    return state


def compute(
    state: NeighbourState, latent: LatentState, selected: Sequence[Bookmark], all_: Sequence[Bookmark]
) -> NeighbourRequest | None:
    """As the window does when N is pressed."""
    anchor = state.anchor(latent, selected, all_)
    return None if anchor is None else state.compute(anchor, latent.locks)


def test_defaults_are_the_original_authors() -> None:
    state = NeighbourState()
    assert (state.sigma, state.count, state.source, state.mode) == (0.5, 16, "current", "additive")


def test_setters_announce_changes_once() -> None:
    state = NeighbourState()
    seen: list[None] = []
    state.changed.connect(lambda: seen.append(None))
    for _ in range(2):
        state.set_sigma(0.75)
        state.set_count(64)
        state.set_source("all")
        state.set_mode("norm")
        state.set_seed(2**32 - 1)
    assert len(seen) == 5
    before = state.seed
    state.sample()
    assert state.seed != before and len(seen) == 6


@pytest.mark.parametrize(
    ("setter", "value"),
    [
        ("set_sigma", -0.1), ("set_sigma", 2.1), ("set_sigma", float("nan")), ("set_count", 3), ("set_count", 65),
        ("set_source", "none"), ("set_mode", "odd"), ("set_seed", -1), ("set_seed", 2**32),
    ],
)  # fmt: skip
def test_setters_refuse_what_is_out_of_range(setter: str, value: Any) -> None:
    state = NeighbourState()
    with pytest.raises(UserError):
        getattr(state, setter)(value)


def test_around_the_current_latent_as_the_command_line_does(latent: LatentState) -> None:
    state = NeighbourState()
    state.set_seed(9)
    latent.set_locks([False, True, False, False, False])
    request = compute(state, latent, (), ())
    assert request is not None
    assert request.latents.tobytes() == neighbours(latent.z, 0.5, 16, 9, locked=[1]).tobytes()
    assert (request.latents[:, 1] == latent.z[1]).all()
    assert (request.base == latent.z).all() and request.base.shape == (16, 5)
    assert request.parents == (None,) * 16
    assert request.origin(3) == Origin(parent=None, sigma=0.5)


def test_a_starred_latent_is_its_neighbours_parent(latent: LatentState, star: Any) -> None:
    state = NeighbourState()
    here = star(1)
    request = compute(state, latent, (), (star(2), here))
    assert request is not None and set(request.parents) == {here.id}


def test_an_edited_star_is_still_the_parent(latent: LatentState) -> None:
    latent.set(latent.with_value(0, 2.0), Origin(parent="p"))
    request = compute(NeighbourState(), latent, (), ())
    assert request is not None and set(request.parents) == {"p"}


def test_all_stars_is_the_original_recipe(latent: LatentState, star: Any) -> None:
    state = NeighbourState()
    state.set_source("all")
    state.set_count(64)
    stars = [star(k) for k in range(3)]
    request = compute(state, latent, (), [stars[0], star(9, dim=4), *stars[1:]])
    assert request is not None
    latents = np.stack([item.latent for item in stars])
    assert request.latents.tobytes() == around(latents, 0.5, 64, 0).tobytes()
    assert set(request.parents) == {item.id for item in stars}
    for row, parent in enumerate(request.parents):
        base = next(item for item in stars if item.id == parent).latent
        assert request.base[row].tobytes() == base.tobytes()


def test_selected_stars_only(latent: LatentState, star: Any) -> None:
    state = NeighbourState()
    state.set_source("selected")
    chosen = star(4)
    request = compute(state, latent, (chosen,), (chosen, star(5)))
    assert request is not None and set(request.parents) == {chosen.id}


def test_nothing_to_draw_around(latent: LatentState, star: Any) -> None:
    state = NeighbourState()
    assert state.anchor(LatentState(), (), ()) is None
    for source in ("selected", "all"):
        state.set_source(source)
        assert compute(state, latent, (), ()) is None
        assert compute(state, latent, (star(dim=4),), (star(dim=4),)) is None


def test_the_same_settings_give_the_same_neighbours_and_more_keep_the_first(latent: LatentState) -> None:
    state = NeighbourState()
    first = compute(state, latent, (), ())
    state.set_count(20)
    more = compute(state, latent, (), ())
    assert first is not None and more is not None
    assert more.latents[:16].tobytes() == first.latents.tobytes()


def test_norm_change_is_what_the_design_measured() -> None:
    latent = LatentState()
    latent.resize(100)
    latent.set(draw(1, 100, 0)[0])
    state = NeighbourState()
    state.set_count(64)
    request = compute(state, latent, (), ())
    assert request is not None and 1.2 < request.norm_change < 2.2
    state.set_sigma(0.0)
    still = compute(state, latent, (), ())
    assert still is not None and still.norm_change == 0.0


def test_a_sigma_too_large_for_a_mode_waits_for_another_one(latent: LatentState) -> None:
    state = NeighbourState()
    state.set_sigma(1.5)
    state.set_mode("variance")
    assert (state.sigma, state.max_sigma, state.settings.sigma) == (1.0, 1.0, 1.5)
    request = compute(state, latent, (), ())
    assert request is not None and request.sigma == 1.0
    state.set_mode("norm")
    assert (state.sigma, state.max_sigma) == (1.5, 2.0)


@pytest.mark.parametrize("mode", ["additive", "norm", "variance"])
def test_the_reading_of_each_mode(mode: str) -> None:
    latent = LatentState()
    latent.resize(100)
    latent.set(draw(1, 100, 0)[0])
    state = NeighbourState()
    state.set_mode(mode)
    request = compute(state, latent, (), ())
    assert request is not None and request.angle is not None
    before, after = request.norms
    assert before == pytest.approx(np.linalg.norm(latent.z), rel=1e-6)
    assert 20 < request.angle < 35
    assert (after > before + 0.5) == (mode == "additive")
    assert (abs(request.norm_change) < 1e-4) == (mode == "norm")


def test_norm_kept_with_locks_rescales_the_free_dimensions_only(latent: LatentState) -> None:
    latent.set_locks([True, False, False, True, False])
    state = NeighbourState()
    state.set_mode("norm")
    request = compute(state, latent, (), ())
    assert request is not None
    assert (request.latents[:, [0, 3]] == latent.z[[0, 3]]).all()
    free = np.linalg.norm(request.latents[:, [1, 2, 4]], axis=1)
    np.testing.assert_allclose(free, np.linalg.norm(latent.z[[1, 2, 4]]), rtol=1e-5)


def test_only_pinned_dimensions_vary_and_locks_still_hold() -> None:
    state = NeighbourState()
    locks, pinned = np.array([True, False, False]), np.array([True, True, False])
    assert state.frozen(locks, pinned).tolist() == [True, False, False]
    state.set_only_pinned(True)
    assert state.frozen(locks, pinned).tolist() == [True, False, True]


def test_restoring_is_one_change() -> None:
    state = NeighbourState()
    seen: list[None] = []
    state.changed.connect(lambda: seen.append(None))
    settings = NeighbourSettings(1.5, 8, "all", "variance", True)
    for _ in range(2):
        state.restore(settings, 7)
    assert (state.settings, state.seed, len(seen)) == (settings, 7, 1)


def test_there_is_no_angle_to_zero(latent: LatentState) -> None:
    latent.set(np.zeros(5))
    request = compute(NeighbourState(), latent, (), ())
    assert request is not None and request.angle is None and request.norms[0] == 0
