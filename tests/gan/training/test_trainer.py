from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.config import ModelConfig, Precision, TrainConfig
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
    assert progress.critic_grad_norm > 0 and progress.generator_grad_norm > 0
    assert (progress.penalty is not None) is (objective == "wgan-gp")
    assert (progress.learning_rate, progress.augment) == (config.learning_rate, 0.0)
    assert progress.images_seen == 8
    for name, value in trainer.generator.named_parameters():
        assert value.isfinite().all(), name
        assert not value.equal(before[name]), name
    for name, value in trainer.critic.named_parameters():
        # a bias that is added to real and fake scores alike has no Wasserstein gradient
        assert name == "score.bias" or not value.equal(critic_before[name]), name


def test_wgan_clips_before_each_critic_step(pictures: Bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    config = TrainConfig.for_objective("wgan", batch=4)
    trainer = Trainer(replace(MODEL, norm="none"), config, pictures)
    before: list[float] = []
    backward = trainer.engine.backward

    def look(loss: torch.Tensor) -> None:
        if trainer.critic.score.weight.requires_grad:
            before.append(max(p.abs().max().item() for p in trainer.critic.parameters()))
        backward(loss)

    monkeypatch.setattr(trainer.engine, "backward", look)
    _train(trainer, 2)
    assert len(before) == 2 * config.n_critic and max(before) == pytest.approx(0.01)
    # the last update is not followed by a clip: RMSprop's first step is ten times the learning rate at most
    assert max(p.abs().max().item() for p in trainer.critic.parameters()) < 0.01 + 10.1 * config.learning_rate


def test_the_critic_is_frozen_in_the_generators_step(pictures: Bytes) -> None:
    trainer = Trainer(MODEL, TRAIN, pictures)
    trainer.critic.zero_grad()
    trainer._generator_step()
    assert all(p.grad is None and p.requires_grad for p in trainer.critic.parameters())
    assert all(p.grad is not None for p in trainer.generator.parameters())


def test_each_update_goes_backward_once(pictures: Bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second backward pass, of the penalty say, would not be averaged over several processes."""
    trainer = Trainer(MODEL, replace(TRAIN, n_critic=3), pictures)
    made: list[str] = []
    backward, steps = trainer.engine.backward, (trainer.critic_optimiser.step, trainer.generator_optimiser.step)
    monkeypatch.setattr(trainer.engine, "backward", lambda loss: (made.append("backward"), backward(loss)))
    monkeypatch.setattr(trainer.critic_optimiser, "step", lambda: (made.append("step"), steps[0]()))
    monkeypatch.setattr(trainer.generator_optimiser, "step", lambda: (made.append("step"), steps[1]()))
    _train(trainer, 1)
    assert made == ["backward", "step"] * 4


def test_penalised_critic_refuses_batch_norm(pictures: Bytes) -> None:
    with pytest.raises(UserError, match="norm must be layer or none"):
        Trainer(replace(MODEL, norm="batch"), TRAIN, pictures)


def test_pictures_of_another_size_are_refused(pictures: Bytes) -> None:
    with pytest.raises(UserError, match="shape"):
        Trainer(ModelConfig(image_size=64, width=4), TRAIN, pictures)


def test_same_seed_same_weights_other_seed_others(pictures: Bytes) -> None:
    runs = [Trainer(MODEL, replace(TRAIN, seed=seed), pictures) for seed in (3, 3, 4)]
    for trainer in runs:
        _train(trainer, 2)
    assert _weights(runs[0]) == _weights(runs[1]) != _weights(runs[2])


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize(("objective", "norm"), [("wgan", "batch"), ("wgan-gp", "layer")])
def test_resume_is_bit_identical(objective: str, norm: str, precision: str, pictures: Bytes, tmp_path: Path) -> None:
    model = replace(MODEL, norm=norm)  # type: ignore[arg-type]
    config = TrainConfig.for_objective(objective, batch=4, n_critic=2, flip=True, precision=precision)  # type: ignore[arg-type]
    whole = Trainer(model, config, pictures)
    _train(whole, 5)
    first = Trainer(model, config, pictures)
    _train(first, 3)
    save_state(tmp_path / "s.safetensors", first)
    second = Trainer(model, config, pictures)
    load_state(tmp_path / "s.safetensors", second)
    assert second.step == 3 and second.bf16 == (precision == "bf16")
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
    plain, flipped = (Trainer(MODEL, replace(TRAIN, flip=flip), pictures).feed.real(0) for flip in (False, True))
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


def test_the_penalty_is_not_computed_in_bfloat16(pictures: Bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(MODEL, replace(TRAIN, precision="bf16"), pictures)
    seen: list[torch.dtype] = []
    trainer.critic.score.register_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    trainer._critic_step(0)
    assert seen == [torch.bfloat16, torch.float32]


def test_a_burst_makes_a_hundred_critic_updates(pictures: Bytes) -> None:
    config = TrainConfig.for_objective("wgan", batch=2, burst=True, precision="fp32")
    trainer = Trainer(replace(MODEL, norm="none", width=1), config, pictures)
    _train(trainer, 2)
    assert trainer.images_seen == 2 * 100 * 2


def test_the_learning_rate_falls_to_nothing_at_the_end(pictures: Bytes) -> None:
    config = replace(TRAIN, steps=4, lr_decay="linear", decay_from=0.5)
    events = _train(Trainer(MODEL, config, pictures), 4)
    rates = [event.learning_rate for event in events if isinstance(event, Progress)]
    assert np.allclose(rates, [2e-4, 2e-4, 2e-4, 1e-4])


@pytest.mark.parametrize("norm", ["layer", "batch"])
def test_looking_at_held_out_pictures_changes_nothing(norm: str, pictures: Bytes) -> None:
    config = TrainConfig.for_objective("wgan", batch=4, n_critic=1, held_out=0.25, precision="fp32")
    model = replace(MODEL, norm=norm)  # type: ignore[arg-type]
    looked, other = Trainer(model, config, pictures), Trainer(model, config, pictures)
    _train(looked, 1)
    first = looked.held_out_estimate()
    assert first is not None and first == looked.held_out_estimate()
    _train(looked, 2)
    assert first != looked.held_out_estimate()
    _train(other, 2)
    assert _weights(looked) == _weights(other)


def test_held_out_pictures_are_never_trained_on(pictures: Bytes) -> None:
    trainer = Trainer(MODEL, replace(TRAIN, held_out=0.25), pictures)
    shown = torch.cat([trainer.feed.real(position) for position in range(40)])
    kept_away = trainer.feed.whole(trainer.feed.held_out)
    assert len(kept_away) == 5 and len(shown.unique(dim=0)) == 15
    assert not any(torch.equal(a, b) for a in kept_away for b in shown)
    assert Trainer(MODEL, TRAIN, pictures).held_out_estimate() is None


@pytest.mark.parametrize("objective", ["wgan", "wgan-gp", "dcgan"])
def test_augmentation_reaches_every_network(objective: str, pictures: Bytes) -> None:
    config = TrainConfig.for_objective(objective, batch=4, n_critic=1, augment="diffaugment", precision="bf16")  # type: ignore[arg-type]
    trainer = Trainer(MODEL, config, pictures)
    before = _weights(trainer)
    progress = _train(trainer, 1)[1]
    assert isinstance(progress, Progress) and progress.augment == 1.0 and np.isfinite(progress.critic_loss)
    assert _weights(trainer) != before


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_resume_with_everything_switched_on(
    precision: Precision, pictures: Bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan.training.trainer.ADJUST_EVERY", 2)
    monkeypatch.setattr("gan.training.augment.RAMP", 40)
    monkeypatch.setattr("gan.training.augment.TARGET", -1e9)  # whatever the critic says
    config = replace(TRAIN, lr_decay="linear", held_out=0.2, augment="auto", flip=True, steps=7, precision=precision)
    whole, first, second = (Trainer(MODEL, config, pictures) for _ in range(3))
    _train(whole, 7)
    assert whole.augment == pytest.approx(0.6)
    stopped = first.run(lambda: 7, lambda: first.step == 5)
    assert [event for event in stopped if isinstance(event, Done)] == [Done(5)]
    save_state(tmp_path / "s.safetensors", first)
    load_state(tmp_path / "s.safetensors", second)
    assert second.augment == pytest.approx(0.4)
    _train(second, 7)
    assert _weights(second) == _weights(whole)
