"""Named starting points for training; every flag given on the command line or in the window wins over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from gan.config import ModelConfig, Objective, TrainConfig, suited
from gan.errors import UserError


@dataclass(frozen=True)
class Preset:
    """Fields of :class:`gan.config.ModelConfig` and :class:`gan.config.TrainConfig` that differ from the defaults."""

    title: str
    """What the window calls it."""
    about: str
    objective: Objective
    model: dict[str, Any] = field(default_factory=dict)
    train: dict[str, Any] = field(default_factory=dict)


_SMALL = {"n_critic": 1, "learning_rate": 2e-4, "beta1": 0.0, "beta2": 0.9, "augment": "auto", "held_out": 0.05}

PRESETS = {
    "small-cpu": Preset(
        "Small data, CPU",
        "some thousand pictures, no GPU: the recipe of the bundled model (docs/training-log.md); augmentation switches "
        "itself on when the critic begins to know its pictures by heart",
        "wgan-gp",
        {"width": 32, "norm": "layer"},
        {"batch": 32, **_SMALL},
    ),
    "small-gpu": Preset(
        "Small data, GPU",
        "some thousand pictures on a GPU: the same recipe, wider, in larger batches; not yet run on a GPU",
        "wgan-gp",
        {"width": 64, "norm": "layer"},
        {"batch": 64, **_SMALL},
    ),
    "paper-wgan": Preset(
        "Paper WGAN",
        "Arjovsky et al. 2017 (arXiv 1701.07875), algorithm 1: RMSprop 5e-5, clip 0.01, 5 critic steps",
        "wgan",
        {"width": 64, "norm": "batch"},
        {"held_out": 0.05},
    ),
    "paper-wgan-gp": Preset(
        "Paper WGAN-GP",
        "Gulrajani et al. 2017 (arXiv 1704.00028), algorithm 1: lambda 10, Adam 1e-4 (0.0, 0.9), 5 critic steps",
        "wgan-gp",
        {"width": 64, "norm": "layer"},
        {"held_out": 0.05},
    ),
}
DEFAULT_PRESET = "small-cpu"


def find_preset(name: str) -> Preset:
    """The preset called ``name``.

    Raises:
        UserError: there is none.
    """
    try:
        return PRESETS[name]
    except KeyError:
        raise UserError(f"There is no preset {name!r}.", f"Choose one of {', '.join(PRESETS)}.") from None


def configured(
    preset: str, objective: str | None = None, model: dict[str, Any] | None = None, train: dict[str, Any] | None = None
) -> tuple[ModelConfig, TrainConfig]:
    """A preset with what somebody wants otherwise. Another objective than the preset's brings the settings of its own
    paper instead of the preset's.

    Args:
        model, train: fields of the two configurations; None counts as not given.

    Raises:
        UserError: there is no such preset, or a value is out of its range.
    """
    base = find_preset(preset)
    chosen = cast(Objective, objective or base.objective)
    networks = suited(ModelConfig(**base.model), chosen) | _given(model)
    settings = (base.train if chosen == base.objective else {}) | _given(train)
    return ModelConfig(**networks), TrainConfig.for_objective(chosen, **settings)


def _given(fields: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (fields or {}).items() if value is not None}
