"""A critic whose taste is known: it likes bright pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.instruments import critic
from gan.latent.draws import draw


class Bright(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1).mean(1)


class Axis(nn.Module):
    """The first value of the latent is the brightness."""

    def forward(self, z: Tensor) -> Tensor:
        return z[:, :1, None, None].expand(-1, 3, 4, 4)


def test_scores_follow_the_critic() -> None:
    z = draw(70, 5, 0)
    np.testing.assert_allclose(critic.fake_scores(Axis(), Bright(), z), z[:, 0], rtol=1e-6)
    images = np.stack([np.full((4, 4, 3), level, np.uint8) for level in (0, 255, 128)])
    np.testing.assert_allclose(critic.real_scores(Bright(), images), [-1, 1, 128 / 127.5 - 1], atol=1e-6)
    assert critic.fake_scores(Axis(), Bright(), z[:0]).shape == (0,)


def test_percentile_counts_ties_half() -> None:
    among = np.array([1, 2, 2, 3], np.float32)
    assert [critic.percentile(score, among) for score in (0, 1, 2, 3, 4)] == [0, 12.5, 50, 87.5, 100]


def test_best_of_keeps_the_best_and_tells_the_cost() -> None:
    z = draw(200, 5, 0)
    found = critic.best_of(z, z[:, 0], 20)
    np.testing.assert_array_equal(found.scores, np.sort(z[:, 0])[::-1][:20])
    np.testing.assert_array_equal(z[found.chosen], found.latents)
    assert found.diversity < 0.98  # one of five dimensions hardly varies any more
    assert critic.best_of(z, z[:, 0], 200).diversity == pytest.approx(1.0)
    assert critic.best_of(z, z[:, 0], 1).diversity == 1.0
    with pytest.raises(UserError, match="cannot be kept"):
        critic.best_of(z, z[:, 0], 201)


def test_improving_climbs_on_the_sphere() -> None:
    z = draw(1, 5, 3)[0]
    found = critic.improve(Axis(), Bright(), z, steps=10)
    assert found.after > found.before == pytest.approx(float(z[0]))
    assert np.linalg.norm(found.z) == pytest.approx(np.linalg.norm(z), rel=1e-5)
    assert found.degrees == pytest.approx(np.degrees(0.05 * 10), rel=0.05)


def test_improving_leaves_locked_values_alone() -> None:
    z, free = draw(1, 6, 3)[0], np.array([True, False, True, True, False, True])
    found = critic.improve(Axis(), Bright(), z, 15, free)
    np.testing.assert_array_equal(found.z[~free], z[~free])
    assert np.linalg.norm(found.z[free]) == pytest.approx(np.linalg.norm(z[free]), rel=1e-5)
    assert found.after > found.before


@pytest.mark.parametrize("z", [np.zeros(4, np.float32), np.ones(1, np.float32)])
def test_there_must_be_something_to_turn(z: np.ndarray) -> None:
    with pytest.raises(UserError, match="two unlocked values"):
        critic.improve(Axis(), Bright(), z)


def test_at_the_top_it_stays() -> None:
    z = np.array([2.0, 0, 0], np.float32)
    found = critic.improve(Axis(), Bright(), z, 5)
    assert found.after == found.before and found.degrees == 0.0
    np.testing.assert_array_equal(found.z, z)


def test_improving_can_be_ended() -> None:
    class EnoughError(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.4:
            raise EnoughError

    with pytest.raises(EnoughError):
        critic.improve(Axis(), Bright(), draw(1, 5, 3)[0], 20, None, stop)


def test_reference_scores_are_always_the_same() -> None:
    first = critic.reference_scores(Axis(), Bright(), 5, 40)
    torch.manual_seed(7)
    np.testing.assert_array_equal(first, critic.reference_scores(Axis(), Bright(), 5, 40))
