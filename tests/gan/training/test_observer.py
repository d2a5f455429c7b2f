from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan.images import Bytes
from gan.training.observer import Observation
from gan.training.trainer import Trainer

from .conftest import MODEL, TRAIN


def _brightness(trainer: Trainer) -> None:
    """A critic that says how bright a picture is."""
    trainer.critic.forward = lambda images: images.mean((1, 2, 3))  # type: ignore[method-assign]


def test_the_estimate_by_hand(pictures: Bytes) -> None:
    trainer = Trainer(MODEL, replace(TRAIN, held_out=0.5), pictures)
    _brightness(trainer)
    held_out = pictures[trainer.feed.held_out].mean() / 127.5 - 1
    latents = trainer.feed.observed_noise(0, 10)
    with torch.no_grad():
        generated = torch.cat([trainer.generator(z).mean((1, 2, 3)) for z in latents.split(TRAIN.batch)]).mean()
    assert trainer.held_out_estimate() == pytest.approx(held_out - float(generated), abs=1e-5)


def test_a_critic_that_knows_its_pictures_by_heart_is_noticed() -> None:
    """White pictures are trained on, black ones held out: nothing could generalise less."""
    pictures = np.full((40, 32, 32, 3), 255, np.uint8)
    trainer = Trainer(MODEL, replace(TRAIN, held_out=0.25, augment="auto"), pictures)
    pictures[trainer.feed.held_out] = 0
    _brightness(trainer)
    seen = trainer._observer.drawn(0, 1)
    assert (seen.training, seen.held_out) == (1.0, -1.0) and abs(seen.generated) < 0.1
    assert seen.overfitting > 1
    trainer._adjust_augmentation()
    assert trainer.augment > 0


def test_overfitting_is_none_where_both_score_alike() -> None:
    assert Observation(2.0, 2.0, 0.0).overfitting == 0.0
    assert Observation(2.0, 0.0, 0.0).overfitting == 1.0


def test_draws_differ_from_look_to_look_and_follow_from_the_seed(pictures: Bytes) -> None:
    trainer = Trainer(MODEL, replace(TRAIN, held_out=0.5), pictures)
    _brightness(trainer)
    looks = [trainer._observer.drawn(0, position) for position in (1, 1, 2)]
    assert looks[0] == looks[1] != looks[2]
