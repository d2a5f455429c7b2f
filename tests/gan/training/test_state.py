from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gan.config import TrainConfig
from gan.errors import UserError
from gan.images import Bytes
from gan.training.state import Snapshot, all_finite, load_newest, load_state, save_state
from gan.training.trainer import Progress, Trainer

from .conftest import MODEL, TRAIN

EVERYTHING = replace(
    TRAIN, n_critic=2, lr_decay="linear", decay_from=0.0, augment="auto", held_out=0.3, flip=True, ema_half_life=50
)


def _train(trainer: Trainer, steps: int) -> list[Progress]:
    return [event for event in trainer.run(lambda: steps) if isinstance(event, Progress)]


def _tensors(trainer: Trainer) -> dict[str, torch.Tensor]:
    return Snapshot.of(trainer).tensors


def _assert_equal(first: Trainer, second: Trainer) -> None:
    a, b = _tensors(first), _tensors(second)
    assert a.keys() == b.keys()
    assert all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize(
    "config",
    [
        EVERYTHING,
        replace(EVERYTHING, objective="wgan", burst=False),
        replace(EVERYTHING, objective="dcgan", augment="diffaugment", beta1=0.5),
    ],
    ids=["wgan-gp", "wgan", "dcgan"],
)
def test_a_resumed_trainer_goes_on_bit_by_bit(tmp_path: Path, pictures: Bytes, config: TrainConfig) -> None:
    whole = Trainer(MODEL, config, pictures)
    expected = _train(whole, 20)  # beyond the update at which augmentation is adjusted
    first = Trainer(MODEL, config, pictures)
    # the end is the same from the beginning: the learning rate falls towards it
    for event in first.run(lambda: 20, lambda: first.step == 17):
        assert event
    save_state(tmp_path / "state", first)
    second = Trainer(MODEL, config, pictures)
    load_state(tmp_path / "state", second)
    assert second.step == 17
    _assert_equal(first, second)
    assert _train(second, 20) == expected[17:]
    _assert_equal(whole, second)


def test_it_also_goes_on_bit_by_bit_in_a_trainer_that_was_somewhere_else(tmp_path: Path, pictures: Bytes) -> None:
    config = replace(EVERYTHING, lr_decay="none")  # it depends on where the run is to end
    whole = Trainer(MODEL, config, pictures)
    _train(whole, 4)
    trainer = Trainer(MODEL, config, pictures)
    save_state(tmp_path / "0", trainer)
    _train(trainer, 2)
    save_state(tmp_path / "2", trainer)
    _train(trainer, 3)
    for path in ("2", "0"):  # to moments that are there, and to none
        load_state(tmp_path / path, trainer)
        assert trainer.step == int(path)
        _train(trainer, 4)
        _assert_equal(whole, trainer)


def test_a_snapshot_does_not_change_while_training_goes_on(tmp_path: Path, pictures: Bytes) -> None:
    trainer = Trainer(MODEL, TRAIN, pictures)
    _train(trainer, 1)
    snapshot = Snapshot.of(trainer)
    before = {name: value.clone() for name, value in snapshot.tensors.items()}
    _train(trainer, 2)
    assert snapshot.step == 1 and all(torch.equal(before[name], snapshot.tensors[name]) for name in before)
    snapshot.save(tmp_path / "state")
    assert abs((tmp_path / "state").stat().st_size - snapshot.nbytes) < 20_000
    load_state(tmp_path / "state", trainer)
    assert trainer.step == 1
    assert all(torch.equal(before[name], value) for name, value in _tensors(trainer).items())


def test_a_state_of_an_earlier_version_loads(tmp_path: Path, pictures: Bytes) -> None:
    trainer = Trainer(MODEL, TRAIN, pictures)
    _train(trainer, 1)
    snapshot = Snapshot.of(trainer)
    for name in [name for name in snapshot.tensors if name.startswith("extra.")]:
        del snapshot.tensors[name]
    snapshot.save(tmp_path / "old")
    load_state(tmp_path / "old", Trainer(MODEL, TRAIN, pictures))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_found_wherever_it_is(pictures: Bytes, bad: float) -> None:
    trainer = Trainer(MODEL, TRAIN, pictures)
    _train(trainer, 1)
    snapshot = Snapshot.of(trainer)
    assert snapshot.is_finite()
    for name, value in snapshot.tensors.items():
        if value.is_floating_point():
            spoilt = value.clone()
            spoilt.view(-1)[-1] = bad
            assert not Snapshot(1, {**snapshot.tensors, name: spoilt}).is_finite(), name


def test_a_sum_that_overflows_is_no_infinity() -> None:
    assert all_finite([torch.full((4,), 3e38), torch.tensor([1, 2])])
    assert not all_finite([torch.tensor([float("inf"), -float("inf")])])
    assert all_finite([])


def test_the_newest_readable_state_is_loaded(tmp_path: Path, pictures: Bytes) -> None:
    trainer = Trainer(MODEL, TRAIN, pictures)
    assert not load_newest([], trainer)
    paths = [tmp_path / f"step-{step}.safetensors" for step in (0, 1)]
    for step, path in enumerate(paths):
        _train(trainer, step)
        save_state(path, trainer)
    assert load_newest(paths, trainer) and trainer.step == 1
    paths[1].write_bytes(paths[1].read_bytes()[:-100])
    assert load_newest(paths, trainer) and trainer.step == 0
    paths[0].write_bytes(b"junk")
    with pytest.raises(UserError, match="damaged"):
        load_newest(paths, trainer)


@pytest.mark.parametrize("change", [{"width": 2}, {"z_dim": 9}, {"norm": "none"}])
def test_another_networks_state_is_refused(tmp_path: Path, pictures: Bytes, change: dict[str, object]) -> None:
    save_state(tmp_path / "state", Trainer(MODEL, TRAIN, pictures))
    with pytest.raises(UserError, match="damaged or belongs to another run"):
        load_state(tmp_path / "state", Trainer(replace(MODEL, **change), TRAIN, pictures))  # type: ignore[arg-type]
