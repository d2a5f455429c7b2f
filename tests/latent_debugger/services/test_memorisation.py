"""Copies and collapse, with generators whose answers are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.data.people import make_people
from gan.images import Bytes, to_float
from gan.instruments.memorisation import TrainingIndex
from latent_debugger.services.memorisation import check, look_up, make_index


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Bytes:
    folder = tmp_path_factory.mktemp("people")
    make_people(folder, 160, 32, seed=4)
    found: Bytes = np.load(folder / "images.npy")
    return found


@pytest.fixture(scope="module")
def index(people: Bytes) -> TrainingIndex:
    return make_index(people[:80], lambda _share: None)


class Album(nn.Module):
    """z (N, 2) -> pictures (N, C, H, W) of an album, always the same for the same z."""

    def __init__(self, pictures: Bytes) -> None:
        super().__init__()
        self.pictures = torch.from_numpy(to_float(pictures))
        self.most = 0

    def forward(self, z: Tensor) -> Tensor:
        self.most = max(self.most, len(z))
        rows = (z[:, 0].abs() * 1e6).long() % len(self.pictures)
        return self.pictures[rows]


def subject(album: Album) -> SimpleNamespace:
    return SimpleNamespace(generator=album, dim=2)


def test_a_generator_that_hands_training_pictures_back(people: Bytes, index: TrainingIndex) -> None:
    shares: list[float] = []
    album = Album(people[:40])
    found = check(subject(album), shares.append, index, people[:80], 100)  # type: ignore[arg-type]
    assert found.verdict.copying and found.verdict.collapsed and found.verdict.count == 100
    assert found.latents.shape == (100, 2) and len(found.training) == len(found.verdict.near_training) == 12
    for pair, picture in zip(found.verdict.near_training, found.training, strict=True):
        assert np.array_equal(picture, people[pair.second]) and index.percentile(pair.distance) < 1
        row = int(abs(found.latents[pair.first, 0]) * 1e6) % 40
        assert abs(row - pair.second) <= 1  # float32 and float64 round the last digit differently
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0) and album.most <= 8


def test_an_honest_generator_with_transparency(people: Bytes, index: TrainingIndex) -> None:
    opaque = np.concatenate([people[80:], np.full_like(people[80:, ..., :1], 255)], axis=-1)
    found = check(subject(Album(opaque)), lambda _share: None, index, people[:80], 64)  # type: ignore[arg-type]
    assert not found.verdict.copying
    near = look_up(index, people[:80], np.concatenate([people[5], np.full_like(people[5, ..., :1], 255)], axis=-1))
    assert len(near) == 5 and near[0].match.index == 5 and np.array_equal(near[0].image, people[5])
    assert not np.shares_memory(near[0].image, people)


def test_it_can_be_ended_while_it_draws(people: Bytes, index: TrainingIndex) -> None:
    class EnoughError(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.2:
            raise EnoughError

    with pytest.raises(EnoughError):
        check(subject(Album(people)), stop, index, people[:80], 128)  # type: ignore[arg-type]
