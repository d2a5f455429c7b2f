from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from gan.config import ModelConfig, Objective, TrainConfig, check_together
from gan.errors import UserError
from gan.presets import DEFAULT_PRESET, PRESETS, configured, find_preset


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_trained(name: str) -> None:
    model, train = configured(name, None, {}, {})
    preset = find_preset(name)
    assert train.objective == preset.objective
    assert not (train.objective == "wgan-gp" and model.norm == "batch")
    assert {key: model.to_json()[key] for key in preset.model} == preset.model
    assert {key: train.to_json()[key] for key in preset.train} == preset.train


@pytest.mark.parametrize("name", PRESETS)
def test_the_documentation_has_both_names_of_a_preset(name: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "training.md").read_text("utf-8")
    assert f"| `{name}` | {PRESETS[name].title} | " in text


def test_the_default_is_one_of_them() -> None:
    assert DEFAULT_PRESET in PRESETS


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"'huge'.*small-cpu"):
        find_preset("huge")


@pytest.mark.parametrize(("name", "objective"), [("paper-wgan", "wgan"), ("paper-wgan-gp", "wgan-gp")])
def test_paper_presets_are_the_papers_settings(name: str, objective: str) -> None:
    expected = TrainConfig.for_objective(objective, held_out=0.05)  # type: ignore[arg-type]
    assert configured(name, None, {}, {})[1] == expected


def test_the_window_can_name_them_and_their_overfitting_is_seen() -> None:
    titles = [preset.title for preset in PRESETS.values()]
    assert sorted(titles) == ["Paper WGAN", "Paper WGAN-GP", "Small data, CPU", "Small data, GPU"]
    assert all(preset.train["held_out"] == 0.05 for preset in PRESETS.values())


def test_flags_win_over_the_preset_and_none_does_not() -> None:
    flags = {"batch": 8, "learning_rate": None, "flip": True}
    model, train = configured("small-cpu", None, {"width": 5, "norm": "none", "z_dim": None}, flags)
    assert model == ModelConfig(width=5, norm="none")
    assert (train.batch, train.flip, train.n_critic) == (8, True, 1)
    assert train.learning_rate == find_preset("small-cpu").train["learning_rate"]


@pytest.mark.parametrize("objective", get_args(Objective))
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_trained_with_every_objective(name: str, objective: Objective) -> None:
    check_together(*configured(name, objective))
    if (name, objective) == ("paper-wgan", "wgan-gp"):  # whose penalty forbids the preset's batch normalisation
        assert configured(name, objective)[0].norm == "layer"
        assert configured(name, objective, {"norm": "none"})[0].norm == "none"


def test_another_objective_brings_its_own_papers_settings() -> None:
    model, train = configured("small-cpu", "wgan", {}, {"steps": 9})
    assert train == TrainConfig.for_objective("wgan", steps=9)
    assert model.width == find_preset("small-cpu").model["width"]
