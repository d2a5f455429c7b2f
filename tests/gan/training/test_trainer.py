from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.config import ModelConfig, TrainConfig
from gan.errors import UserError
from gan.images import Bytes
from gan.training.state import load_state, save_state
from gan.training.trainer import CheckpointDue, Done, Progress, Trainer

from .conftest import MODEL, TRAIN


def _train(trainer: Trainer, steps: int) -> list[object]:
    return list(trainer.run(lambda: steps))


def _weights(trainer: Trainer) -> bytes:
    networks = (trainer.generator, trainer.critic, trainer.ema.generator)
    return b"".join(v.contiguous().numpy().tobytes() for n in networks for v in n.state_dict().values())


@pytest.mark.parametrize(
    ("objective", "norm"),
    [("wgan", "batch"), ("wgan", "none"), ("wgan-gp", "layer"), ("wgan-gp", "none"), ("dcgan", "batch")],
)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_one_real_step_moves_every_weight(objective: str, norm: str, precision: str, pictures: Bytes) -> None:
    model = replace(MODEL, norm=norm)  # type: ignore[arg-type]
    config = TrainConfig.for_objective(objective, batch=4, n_critic=2, precision=precision)  # type: ignore[arg-type]
    trainer = Trainer(model, config, pictures)
    before = {name: value.clone() for name, value in trainer.generator.named_parameters()}
    critic_before = {name: value.clone() for name, value in trainer.critic.named_parameters()}
    events = _train(trainer, 1)
    assert [type(event) for event in events] == [CheckpointDue, Progress, CheckpointDue, Done]
    progress = events[1]
    assert isinstance(progress, Progress)
    assert np.isfinite([progress.wasserstein, progress.critic_loss, progress.generator_loss]).all()
    assert progress.images_seen == 8
    for name, value in trainer.generator.named_parameters():
        assert value.isfinite().all(), name
        assert not value.equal(before[name]), name
    for name, value in trainer.critic.named_parameters():
        # a bias that is added to real and fake scores alike has no Wasserstein gradient
        assert name == "score.bias" or not value.equal(critic_before[name]), name


def test_wgan_critic_stays_clipped(pictures: Bytes) -> None:
    trainer = Trainer(replace(MODEL, norm="none"), TrainConfig.for_objective("wgan", batch=4), pictures)
    _train(trainer, 2)
    assert max(p.abs().max().item() for p in trainer.critic.parameters()) <= 0.01 + 1e-9


def test_penalised_critic_refuses_batch_norm(pictures: Bytes) -> None:
    with pytest.raises(UserError, match="batch normalisation"):
        Trainer(replace(MODEL, norm="batch"), TRAIN, pictures)


def test_pictures_of_another_size_are_refused(pictures: Bytes) -> None:
    with pytest.raises(UserError, match="shape"):
        Trainer(ModelConfig(image_size=64, width=4), TRAIN, pictures)


def test_same_seed_same_weights_other_seed_others(pictures: Bytes) -> None:
    runs = [Trainer(MODEL, replace(TRAIN, seed=seed), pictures) for seed in (3, 3, 4)]
    for trainer in runs:
        _train(trainer, 2)
    assert _weights(runs[0]) == _weights(runs[1]) != _weights(runs[2])


@pytest.mark.parametrize("objective", ["wgan", "wgan-gp"])
def test_resume_is_bit_identical(objective: str, pictures: Bytes, tmp_path: Path) -> None:
    config = TrainConfig.for_objective(objective, batch=4, n_critic=2, flip=True, precision="fp32")  # type: ignore[arg-type]
    whole = Trainer(MODEL, config, pictures)
    _train(whole, 5)
    first = Trainer(MODEL, config, pictures)
    _train(first, 3)
    save_state(tmp_path / "s.safetensors", first)
    second = Trainer(MODEL, config, pictures)
    load_state(tmp_path / "s.safetensors", second)
    assert second.step == 3
    _train(second, 5)
    assert _weights(second) == _weights(whole)


def test_a_damaged_state_is_refused(pictures: Bytes, tmp_path: Path) -> None:
    path = tmp_path / "s.safetensors"
    save_state(path, Trainer(MODEL, TRAIN, pictures))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match="damaged"):
        load_state(path, Trainer(MODEL, TRAIN, pictures))
    save_state(path, Trainer(MODEL, TRAIN, pictures))
    with pytest.raises(UserError, match="another run"):
        load_state(path, Trainer(replace(MODEL, width=8), TRAIN, pictures))


def test_flip_mirrors_some_pictures(pictures: Bytes) -> None:
    plain, flipped = (Trainer(MODEL, replace(TRAIN, flip=flip), pictures)._real_batch(0) for flip in (False, True))
    same = [torch.equal(a, b) for a, b in zip(plain, flipped, strict=True)]
    mirrored = [torch.equal(a, b.flip(-1)) for a, b in zip(plain, flipped, strict=True)]
    assert all(a != b for a, b in zip(same, mirrored, strict=True))
    assert any(mirrored)


def test_the_target_may_grow_while_running(pictures: Bytes) -> None:
    trainer, target = Trainer(MODEL, TRAIN, pictures), [2]
    for event in trainer.run(lambda: target[0]):
        if isinstance(event, Progress) and event.step == 1:
            target[0] = 4
    assert trainer.step == 4
