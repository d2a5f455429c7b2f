"""Paths as properties: they start and end where they should, and stay on the shell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan.errors import UserError
from gan.instruments.paths import EASINGS, KeyFrame, Path, arithmetic, constant_speed, lerp, mean, slerp, smoothness
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
    path = Path((KeyFrame(a, 2.0, easing), KeyFrame(b)), "lerp")  # type: ignore[arg-type]
    values = [float(path.at(t)[0]) for t in np.linspace(0, 2, 41)]
    assert values[0] == 0 and values[-1] == 1 and values == sorted(values)
    assert path.at(-1)[0] == 0 and path.at(99)[0] == 1


def test_frames_pass_every_key_frame() -> None:
    keys = tuple(KeyFrame(z, 0.5) for z in draw(3, 4, 0))
    path = Path(keys)
    frames = list(path.frames(10))
    assert len(frames) == path.count(10) == 11 and path.seconds == 1.0
    for number, key in zip((0, 5, 10), keys, strict=True):
        np.testing.assert_allclose(frames[number], key.z, atol=1e-5)
    loop = Path(keys, loop=True)
    frames = list(loop.frames(10))
    assert len(frames) == 15 and loop.seconds == 1.5
    np.testing.assert_allclose(loop.at(1.5), keys[0].z, atol=1e-5)


def test_one_key_frame_is_a_path_that_rests() -> None:
    z = draw(1, 4, 0)[0]
    path = Path((KeyFrame(z),))
    assert path.seconds == 0 and path.count(25) == 1
    np.testing.assert_array_equal(next(path.frames(25)), z)


def test_absurd_lengths_are_refused() -> None:
    a, b = draw(2, 4, 0)
    with pytest.raises(UserError, match="frames"):
        Path((KeyFrame(a, 1e9), KeyFrame(b))).count(60)


def test_constant_speed_makes_even_steps_of_an_uneven_path() -> None:
    a, b = np.zeros(1, np.float32), np.ones(1, np.float32)
    path = Path((KeyFrame(a, 4.0, "in"), KeyFrame(b)), "lerp")
    clock = constant_speed(path, lambda x, y: float(abs(y - x)[0]), 200)
    values = [float(path.at(clock(t))[0]) for t in np.linspace(0, 4, 9)]
    np.testing.assert_allclose(np.diff(values), 1 / 8, atol=0.01)
    still = Path((KeyFrame(a), KeyFrame(a)), "lerp")
    assert constant_speed(still, lambda _x, _y: 0.0)(0.3) == 0.3


def test_smoothness_shows_the_cliff() -> None:
    pictures = [np.full((2, 2, 3), level, np.uint8) for level in (0, 10, 20, 200, 210)]
    found = smoothness(pictures)
    np.testing.assert_allclose(found, np.array([10, 10, 180, 10]) / 255)
    assert smoothness(pictures[:1]).shape == (0,)
