"""Named starting points for training; every flag given on the command line or in the window wins over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gan.config import Objective
from gan.errors import UserError


@dataclass(frozen=True)
class Preset:
    """Fields of :class:`gan.config.ModelConfig` and :class:`gan.config.TrainConfig` that differ from the defaults."""

    about: str
    objective: Objective
    model: dict[str, Any] = field(default_factory=dict)
    train: dict[str, Any] = field(default_factory=dict)


PRESETS = {
    "small-cpu": Preset(
        "some thousand pictures, no GPU: what the bundled model was trained with (docs/training-log.md)",
        "wgan-gp",
        {"width": 32, "norm": "layer"},
        {"batch": 32, "n_critic": 1, "learning_rate": 2e-4, "beta1": 0.0, "beta2": 0.9},
    ),
    "small-gpu": Preset(
        "some thousand pictures on a GPU: the same recipe, wider, in larger batches; not yet run on a GPU",
        "wgan-gp",
        {"width": 64, "norm": "layer"},
        {"batch": 64, "n_critic": 1, "learning_rate": 2e-4, "beta1": 0.0, "beta2": 0.9},
    ),
    "paper-wgan": Preset(
        "Arjovsky et al. 2017 (arXiv 1701.07875), algorithm 1: RMSprop 5e-5, clip 0.01, 5 critic steps",
        "wgan",
        {"width": 64, "norm": "batch"},
    ),
    "paper-wgan-gp": Preset(
        "Gulrajani et al. 2017 (arXiv 1704.00028), algorithm 1: lambda 10, Adam 1e-4 (0.0, 0.9), 5 critic steps",
        "wgan-gp",
        {"width": 64, "norm": "layer"},
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
