"""Paths as properties: they start and end where they should, and stay on the shell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan.errors import UserError
from gan.instruments.paths import EASINGS, KeyFrame, Route, arithmetic, lerp, mean, profile, slerp, steps_for
from gan.latent.draws import draw

seeds, shares = st.integers(0, 1000), st.floats(0, 1)


@given(seed=seeds, t=shares)
def test_slerp_stays_between_the_norms_and_in_the_plane(seed: int, t: float) -> None:
    a, b = draw(2, 20, seed)
    low, high = sorted((np.linalg.norm(a), np.linalg.norm(b)))
    point = slerp(a, b, t)
    assert low - 1e-3 <= np.linalg.norm(point) <= high + 1e-3
    basis, _ = np.linalg.qr(np.stack([a, b], 1).astype(np.float64))
    assert np.linalg.norm(point - basis @ (basis.T @ point)) < 1e-4


@given(seed=seeds, t=shares)
def test_slerp_turns_evenly_and_is_symmetric(seed: int, t: float) -> None:
    a, b = draw(2, 10, seed)

    def angle(x: np.ndarray, y: np.ndarray) -> float:
        return float(np.arccos(np.clip(x @ y / np.linalg.norm(x) / np.linalg.norm(y), -1, 1)))

    point = slerp(a, b, t)
    assert angle(a, point) == pytest.approx(t * angle(a, b), abs=2e-3)
    np.testing.assert_allclose(point, slerp(b, a, 1 - t), atol=1e-4)


def test_the_ends_are_met() -> None:
    a, b = draw(2, 6, 0)
    for between in (slerp, lerp):
        np.testing.assert_allclose(between(a, b, 0.0), a, atol=1e-6)
        np.testing.assert_allclose(between(a, b, 1.0), b, atol=1e-6)


def test_absurd_latents_do_not_overflow_on_the_way() -> None:
    a, b = np.float32(3e38) * np.eye(2, 4, dtype=np.float32)
    assert np.isfinite(slerp(a, b, 0.5)).all()
    assert np.isfinite(mean([a, b])).all()


@given(t=st.floats(0, 1), angle=st.floats(0, 1.5))
def test_between_the_largest_latents_nothing_is_infinite(t: float, angle: float) -> None:
    largest = np.finfo(np.float32).max
    a = np.array([largest, largest], np.float32)
    b = (np.array([np.cos(angle), np.sin(angle)]) * largest).astype(np.float32)
    for point in (slerp(a, b, t), lerp(a, b, t)):
        assert point.dtype == np.float32 and np.isfinite(point).all()


@pytest.mark.parametrize("other", [np.zeros(4, np.float32), -np.ones(4, np.float32), np.ones(4, np.float32)])
def test_where_no_circle_is_defined_it_is_the_line(other: np.ndarray) -> None:
    a = np.ones(4, np.float32)
    np.testing.assert_allclose(slerp(a, other, 0.25), 0.75 * a + 0.25 * other, atol=1e-6)


def test_arithmetic_answers_on_the_shell() -> None:
    a, b, c = draw(3, 50, 1)
    found = arithmetic([a, c], [b])
    wanted = a - b + c
    assert found @ wanted / np.linalg.norm(found) / np.linalg.norm(wanted) == pytest.approx(1, abs=1e-5)
    norms = [float(np.linalg.norm(x)) for x in (a, b, c)]
    assert np.linalg.norm(found) == pytest.approx(np.mean(norms), rel=1e-5)
    np.testing.assert_allclose(mean([a]), a, atol=1e-5)
    with pytest.raises(UserError, match="cancel"):
        mean([a, -a])
    with pytest.raises(UserError, match="nothing to add"):
        arithmetic([], [a])


@pytest.mark.parametrize("easing", EASINGS)
def test_easing_keeps_the_ends_and_never_turns_back(easing: str) -> None:
    a, b = np.zeros(1, np.float32), np.ones(1, np.float32)
    path = Route((KeyFrame(a, 2.0, easing), KeyFrame(b)), "lerp")  # type: ignore[arg-type]
    values = [float(path.at(t)[0]) for t in np.linspace(0, 2, 41)]
    assert values[0] == 0 and values[-1] == 1 and values == sorted(values)
    assert path.at(-1)[0] == 0 and path.at(99)[0] == 1


def test_frames_pass_every_key_frame() -> None:
    keys = tuple(KeyFrame(z, 0.5) for z in draw(3, 4, 0))
    path = Route(keys)
    frames = list(path.frames(10))
    assert len(frames) == path.count(10) == 11 and path.seconds == 1.0
    for number, key in zip((0, 5, 10), keys, strict=True):
        np.testing.assert_allclose(frames[number], key.z, atol=1e-5)
    loop = Route(keys, loop=True)
    frames = list(loop.frames(10))
    assert len(frames) == 15 and loop.seconds == 1.5
    np.testing.assert_allclose(loop.at(1.5), keys[0].z, atol=1e-5)


def test_one_key_frame_is_a_path_that_rests() -> None:
    z = draw(1, 4, 0)[0]
    path = Route((KeyFrame(z),))
    assert path.seconds == 0 and path.count(25) == 1
    np.testing.assert_array_equal(next(path.frames(25)), z)


def test_absurd_lengths_are_refused() -> None:
    a, b = draw(2, 4, 0)
    with pytest.raises(UserError, match="frames"):
        Route((KeyFrame(a, 1e9), KeyFrame(b))).count(60)


def value(z: np.ndarray) -> np.ndarray:
    """A picture of one pixel, as bright as the first dimension."""
    return z[:1]


def test_constant_speed_makes_even_steps_of_an_uneven_path() -> None:
    a, b = np.zeros(1, np.float32), np.ones(1, np.float32)
    route = Route((KeyFrame(a, 4.0, "in"), KeyFrame(b)), "lerp")
    found = profile(route, value, 200)
    clock = found.clock()
    values = [float(route.at(clock(t))[0]) for t in np.linspace(0, 4, 9)]
    np.testing.assert_allclose(np.diff(values), 1 / 8, atol=0.01)
    assert [frame[0] for frame in route.frames(2, clock)] == pytest.approx(values, abs=0.01)
    even = profile(route, value, 200, clock=clock)
    assert even.speeds.std() / even.speeds.mean() < 0.01 < found.speeds.std() / found.speeds.mean()
    for t in (0.0, 0.7, 2.0, 4.0):
        assert found.shown_at(clock(t)) == pytest.approx(t, abs=1e-6)


def test_where_nothing_moves_the_clock_is_plain() -> None:
    still = Route((KeyFrame(np.ones(2, np.float32)), KeyFrame(np.ones(2, np.float32))))
    found = profile(still, value)
    assert found.clock()(0.3) == found.shown_at(0.3) == 0.3
    assert found.cliffs() == [] and not found.speeds.any()


def test_speed_is_change_per_second() -> None:
    a, b = np.zeros(1, np.float32), np.ones(1, np.float32)
    found = profile(Route((KeyFrame(a, 2.0), KeyFrame(b)), "lerp"), value, 10)
    np.testing.assert_allclose(found.speeds, 0.5, rtol=1e-4)
    assert found.seconds == 2.0 and found.middles[0] == pytest.approx(0.1) and found.cliffs() == []


def test_the_planted_cliff_is_found() -> None:
    a, b = np.zeros(1, np.float32), np.ones(1, np.float32)
    route = Route((KeyFrame(a, 2.0), KeyFrame(b)), "lerp")
    found = profile(route, lambda z: z + (z > 0.7), 40)
    (cliff,) = found.cliffs()
    assert found.middles[cliff] == pytest.approx(1.4, abs=0.05)
    two = profile(route, lambda z: z + (z > 0.2) + 2 * (z > 0.7), 40)
    assert [round(float(two.middles[k]), 1) for k in two.cliffs()] == [1.4, 0.4], "the steepest first"


def test_a_profile_can_be_ended_and_one_key_frame_is_no_trouble() -> None:
    def tell(share: float) -> None:
        if share > 0.5:
            raise UserError("Cancelled.")

    keys = tuple(KeyFrame(z, 1.0) for z in draw(3, 4, 0))
    with pytest.raises(UserError, match="Cancelled"):
        profile(Route(keys), value, 20, tell)
    rest = profile(Route(keys[:1]), value)
    assert rest.seconds == 0 and not rest.speeds.any() and rest.cliffs() == [] and rest.clock()(0.0) == 0.0


def test_long_routes_are_measured_in_bounded_time() -> None:
    keys = tuple(KeyFrame(z, 100.0) for z in draw(50, 2, 0))
    assert steps_for(Route(keys)) == 360 and steps_for(Route(keys[:1])) == 32
