from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.config import TrainConfig
from gan.errors import UserError
from gan.images import Bytes
from gan.training import sampler
from gan.training.engine import Engine
from gan.training.feed import Feed

from .conftest import MODEL, TRAIN


class _Fabric:
    device = torch.device("cpu")

    def __init__(self, rank: int, processes: int) -> None:
        self.global_rank, self.world_size = rank, processes


def _feed(pictures: Bytes, config: TrainConfig, rank: int = 0, processes: int = 1) -> Feed:
    return Feed(MODEL, config, pictures, Engine(_Fabric(rank, processes), False), torch.float32)  # type: ignore[arg-type]


def test_shares_of_processes_together_are_what_one_draws(pictures: Bytes) -> None:
    config = replace(TRAIN, batch=6, flip=True, held_out=0.2)
    alone, parts = _feed(pictures, config), [_feed(pictures, config, rank, 3) for rank in range(3)]
    for draw in (
        lambda feed: feed.real(3),
        lambda feed: feed.noise(sampler.CRITIC_NOISE, 3),
        lambda feed: feed.mixing(3),
        lambda feed: feed.numbers(sampler.AUGMENT_FAKE, 3),
    ):
        assert torch.equal(torch.cat([draw(part) for part in parts]), draw(alone))


def test_a_read_only_memory_map_is_fed_and_not_written(pictures: Bytes, tmp_path: Path) -> None:
    np.save(tmp_path / "p.npy", pictures)
    mapped = np.load(tmp_path / "p.npy", mmap_mode="r")
    config = replace(TRAIN, flip=True, augment="diffaugment")
    a, b = _feed(mapped, config), _feed(pictures, config)
    assert torch.equal(a.real(1), b.real(1)) and torch.equal(a.whole(np.array([3, 1])), b.whole(np.array([3, 1])))
    assert np.array_equal(np.load(tmp_path / "p.npy"), pictures)


def test_without_held_out_pictures_the_order_is_that_of_older_runs(pictures: Bytes) -> None:
    first = sampler.batch_indices(TRAIN.seed, len(pictures), TRAIN.batch, 0)
    expected = torch.from_numpy(pictures[first]).permute(0, 3, 1, 2).float() / 127.5 - 1
    torch.testing.assert_close(_feed(pictures, TRAIN).real(0), expected)


def test_three_pictures_can_be_held_out_of_but_two_cannot(pictures: Bytes) -> None:
    config = replace(TRAIN, held_out=0.05)
    feed = _feed(pictures[:3], config)
    assert (len(feed.training), len(feed.held_out)) == (2, 1)
    with pytest.raises(UserError, match="not held out"):
        _feed(pictures[:2], config)


def test_an_absurd_batch_is_refused_before_memory_is(pictures: Bytes) -> None:
    many = np.concatenate([pictures] * 2)
    for batch, refused in ((256, False), (16 * 38, False), (16 * 38 + 1, True), (65_536, True)):
        config = replace(TRAIN, batch=batch, held_out=0.05)
        if refused:
            with pytest.raises(UserError, match=r"but there are only 38 pictures to train on\. Choose 608 at most"):
                _feed(many, config)
        else:
            assert _feed(many, config).real(0).shape == (batch, 3, 32, 32)
