"""A critic whose taste is known: it likes bright pictures."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.errors import UserError
from gan.images import to_uint8
from gan.instruments import critic
from gan.latent.draws import draw
from gan.metrics.features import features
from gan.models import build_critic, build_generator


class Bright(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1).mean(1)


class Axis(nn.Module):
    """The first value of the latent is the brightness."""

    def forward(self, z: Tensor) -> Tensor:
        return z[:, :1, None, None].expand(-1, 3, 4, 4)


class Grey(Axis):
    def forward(self, z: Tensor) -> Tensor:
        return super().forward(z)[:, :1]


def test_scores_follow_the_critic() -> None:
    z = draw(70, 5, 0)
    np.testing.assert_allclose(critic.fake_scores(Axis(), Bright(), z), z[:, 0], rtol=1e-6)
    images = np.stack([np.full((4, 4, 3), level, np.uint8) for level in (0, 255, 128)])
    np.testing.assert_allclose(critic.real_scores(Bright(), images), [-1, 1, 128 / 127.5 - 1], atol=1e-6)
    assert critic.fake_scores(Axis(), Bright(), z[:0]).shape == (0,)


def test_a_critic_that_has_diverged_ranks_nothing() -> None:
    z = draw(3, 5, 0)
    z[1, 0] = np.nan
    with pytest.raises(UserError, match="NaN or infinity"):
        critic.fake_scores(Axis(), Bright(), z)


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


def test_reference_scores_are_always_the_same() -> None:
    first = critic.reference_scores(Axis(), Bright(), 5, 40)
    torch.manual_seed(7)
    np.testing.assert_array_equal(first, critic.reference_scores(Axis(), Bright(), 5, 40))


def test_judging_tells_scores_and_looks_of_the_same_pictures() -> None:
    z = draw(70, 5, 1)
    seen = critic.judge(Axis(), Bright(), z)
    np.testing.assert_allclose(seen.scores, z[:, 0], rtol=1e-6)
    pictures = to_uint8(Axis()(torch.from_numpy(z)).numpy())
    np.testing.assert_allclose(seen.looks, features(pictures), atol=1e-5)
    grey = critic.judge(Grey(), Bright(), z[:3])
    assert grey.looks.shape == seen.looks[:3].shape


def test_best_of_each_group() -> None:
    z = draw(12, 5, 0)
    found = critic.best_of_each(z, z[:, 0], 4)
    expected = [group[group[:, 0].argmax()] for group in z.reshape(3, 4, 5)]
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(critic.best_of_each(z, z[:, 0], 1), z)
    with pytest.raises(UserError, match="groups of 5"):
        critic.best_of_each(z, z[:, 0], 5)


def test_best_of_measures_the_cost_between_looks() -> None:
    z = draw(60, 5, 0)
    looks = z[:, :1]  # pictures that differ in nothing but what the critic likes
    found = critic.best_of(z, z[:, 0], 6, looks)
    chosen, all_ = found.latents[:, 0], z[:, 0]
    expected = _mean_difference(chosen) / _mean_difference(all_)
    assert found.diversity == pytest.approx(expected, rel=1e-4)
    assert expected < 0.5


def test_diversity_of_the_best_equals_the_count_of_all_groups() -> None:
    rng = np.random.default_rng(4)
    scores, looks = rng.normal(size=9).astype(np.float32), rng.normal(size=(9, 3)).astype(np.float32)
    winners = [max(group, key=lambda row: scores[row]) for group in combinations(range(9), 3)]
    pairs = [np.linalg.norm(looks[a] - looks[b]) for a in winners for b in winners if a != b]
    plain = [np.linalg.norm(looks[a] - looks[b]) for a, b in combinations(range(9), 2)]
    assert critic.diversity_of_best(scores, looks, 3) == pytest.approx(np.mean(pairs) / np.mean(plain), rel=1e-4)
    assert critic.diversity_of_best(scores, looks, 1) == pytest.approx(1.0)
    assert critic.diversity_of_best(scores, looks * 0, 3) == 1.0
    assert critic.diversity_of_best(scores, looks, 9) == 0.0  # there is one picture left


def test_a_header_tells_whether_there_is_a_critic(tmp_path: Path) -> None:
    config = ModelConfig(image_size=32, z_dim=4, width=4)
    generator, judge = build_generator(config), build_critic(config)
    for name, network in (("with", judge), ("without", None)):
        path = tmp_path / f"{name}.safetensors"
        save_checkpoint(path, generator, CheckpointInfo(path, "dcgan", config, step=0), network)
        assert critic.holds_critic(path) == (name == "with")
    for data in (b"", b"short", b"\xff" * 64, b"\x02" + b"\0" * 7 + b"[]"):
        (tmp_path / "odd").write_bytes(data)
        assert not critic.holds_critic(tmp_path / "odd")
    assert not critic.holds_critic(tmp_path / "missing")


def _mean_difference(values: np.ndarray) -> float:
    return float(np.mean([abs(a - b) for a, b in combinations(values, 2)]))
