"""Uphill on a critic whose taste is known: it likes bright pictures, and the first value is the brightness."""

from __future__ import annotations

import numpy as np
import pytest
from torch import Tensor, nn

from gan.errors import UserError
from gan.instruments.improving import STEP_LENGTH, Improved, improve
from gan.latent.draws import draw


class Bright(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1).mean(1)


class Axis(nn.Module):
    def forward(self, z: Tensor) -> Tensor:
        return z[:, :1, None, None].expand(-1, 3, 4, 4)


def test_it_climbs_on_the_sphere() -> None:
    z = draw(1, 5, 3)[0]
    found = improve(Axis(), Bright(), z, steps=10)
    assert found.after > found.before == pytest.approx(float(z[0]))
    assert np.linalg.norm(found.z) == pytest.approx(np.linalg.norm(z), rel=1e-5)
    assert found.degrees == pytest.approx(np.degrees(STEP_LENGTH * 10), rel=0.01)


def test_with_steps_enough_it_finds_the_top_and_keeps_it() -> None:
    z = draw(1, 5, 3)[0]
    found = improve(Axis(), Bright(), z, steps=200)
    assert found.z[0] == pytest.approx(np.linalg.norm(z), rel=1e-2)
    assert found.after == pytest.approx(float(found.z[0]), rel=1e-5)


def test_locked_values_stay_exactly_and_the_others_keep_their_norm() -> None:
    z, free = draw(1, 6, 3)[0], np.array([True, False, True, True, False, True])
    found = improve(Axis(), Bright(), z, 15, free)
    np.testing.assert_array_equal(found.z[~free], z[~free])
    assert np.linalg.norm(found.z[free]) == pytest.approx(np.linalg.norm(z[free]), rel=1e-5)
    assert found.after > found.before


def test_the_place_along_held_directions_stays() -> None:
    z, held = draw(1, 6, 3)[0], draw(2, 6, 9)
    held /= np.linalg.norm(held, axis=1, keepdims=True)
    free = np.array([True, True, True, True, False, True])
    found = improve(Axis(), Bright(), z, 15, free, held)
    np.testing.assert_allclose(held @ found.z, held @ z, atol=2e-6)
    assert found.z[4] == z[4]
    assert np.linalg.norm(found.z) == pytest.approx(np.linalg.norm(z), rel=1e-5)
    assert found.after > found.before


@pytest.mark.parametrize(
    ("z", "held"),
    [
        (np.zeros(4, np.float32), None),
        (np.ones(1, np.float32), None),
        (np.ones(3, np.float32), np.eye(3, dtype=np.float32)[:2]),
    ],
    ids=["zero", "one value", "all but one held"],
)
def test_there_must_be_something_to_turn(z: np.ndarray, held: np.ndarray | None) -> None:
    with pytest.raises(UserError, match="two unlocked values"):
        improve(Axis(), Bright(), z, held=held)


class Blind(Axis):
    """As somebody's adapter may be: it gives no slopes."""

    def forward(self, z: Tensor) -> Tensor:
        return super().forward(z.detach())


class Lost(Axis):
    def forward(self, z: Tensor) -> Tensor:
        return super().forward(z) / 0


@pytest.mark.parametrize(("generator", "words"), [(Blind(), "no slopes"), (Lost(), "NaN or infinity")])
def test_without_a_slope_there_is_no_way_up(generator: Axis, words: str) -> None:
    with pytest.raises(UserError, match=words):
        improve(generator, Bright(), draw(1, 5, 3)[0])


def test_at_the_top_it_stays() -> None:
    z = np.array([2.0, 0, 0], np.float32)
    found = improve(Axis(), Bright(), z, 5)
    assert found.after == found.before and found.degrees == 0.0
    np.testing.assert_array_equal(found.z, z)


def test_it_shows_the_best_so_far() -> None:
    shown: list[tuple[float, Improved]] = []
    found = improve(Axis(), Bright(), draw(1, 5, 3)[0], 8, show=lambda *told: shown.append(told))
    assert [share for share, _ in shown] == pytest.approx([(k + 1) / 9 for k in range(9)])
    after = [one.after for _, one in shown]
    assert after == sorted(after) and after[-1] == found.after
    np.testing.assert_array_equal(shown[-1][1].z, found.z)


def test_it_can_be_ended() -> None:
    class EnoughError(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.4:
            raise EnoughError

    with pytest.raises(EnoughError):
        improve(Axis(), Bright(), draw(1, 5, 3)[0], 20, tell=stop)
