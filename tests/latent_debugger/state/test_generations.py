from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gan.latent.draws import draw
from latent_debugger.state.anchor import Anchor
from latent_debugger.state.generations import LIMIT, Generation, Generations
from latent_debugger.state.neighbour_state import NeighbourState


def generation(seed: int, anchor: Anchor | None = None) -> Generation:
    state = NeighbourState()
    anchor = anchor or Anchor(draw(1, 4, 0), (None,))
    return Generation(anchor, state.settings, seed, state.compute(anchor, np.zeros(4, np.bool_)))


def test_an_empty_history_goes_nowhere() -> None:
    history = Generations()
    assert history.current is None and history.back() is None and history.forward() is None
    assert (history.place, len(history)) == (-1, 0)


def test_back_and_forth_gives_the_very_same_generations() -> None:
    history, made = Generations(), [generation(seed) for seed in range(4)]
    for item in made:
        history.put(item)
    assert [history.back() for _ in range(4)] == [made[2], made[1], made[0], None]
    assert [history.forward() for _ in range(4)] == [made[1], made[2], made[3], None]


def test_a_new_one_drops_those_ahead() -> None:
    history, made = Generations(), [generation(seed) for seed in range(4)]
    for item in made[:3]:
        history.put(item)
    history.back()
    history.back()
    history.put(made[3])
    assert (history.current, len(history), history.can_go_forward) == (made[3], 2, False)
    assert history.back() is made[0]


def test_other_settings_around_the_same_anchor_take_its_place() -> None:
    history, first, second = Generations(), generation(1), generation(2)
    history.put(first)
    history.put(second)
    history.back()
    other = generation(3, first.anchor)
    history.put(other)
    assert (history.current, len(history)) == (other, 2)
    assert history.forward() is second


def test_clearing_forgets_all() -> None:
    history = Generations()
    history.put(generation(1))
    history.clear()
    assert history.current is None and not history.can_go_back and not history.can_go_forward


@given(st.lists(st.sampled_from(["put", "back", "forward"]), max_size=120))
def test_it_is_bounded_and_its_place_is_always_in_it(steps: list[str]) -> None:
    history, made = Generations(), generation(0)
    for step in steps:
        if step == "put":
            history.put(Generation(Anchor(made.anchor.latents, (None,)), made.settings, 0, made.request))
        else:
            getattr(history, step)()
        assert len(history) <= LIMIT
        assert (history.current is None) == (len(history) == 0)
        assert -1 <= history.place < max(1, len(history))
