"""Every field of a training run, with the explanation that stands in :mod:`gan.config`.

The form in the window is built from this table: a field that is added to a configuration appears in it by itself.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Literal, get_args, get_origin, get_type_hints

from gan.config import IMAGE_SIZES, ModelConfig, TrainConfig

Kind = Literal["whole", "number", "switch", "choice", "text"]
Value = int | float | bool | str

MAIN = ("objective", "image_size", "z_dim", "width", "batch", "steps")
"""What is worth a look before every run; the rest stands under *More options*."""

UNITS = {
    "image_size": "px",
    "width": "feature maps",
    "z_dim": "dimensions",
    "steps": "updates",
    "batch": "pictures",
    "n_critic": "critic updates",
    "decay_from": "of the steps",
    "ema_half_life": "pictures",
    "held_out": "of the pictures",
    "threads": "threads",
    "devices": "per machine",
    "nodes": "in all",
    "checkpoint_every": "updates",
    "keep_checkpoints": "checkpoints",
    "milestone_every": "updates",
    "previews": "pictures",
}
"""What a field counts; those that are missing have no unit."""

_LABELS = {
    "z_dim": "Latent size",
    "norm": "Critic norm",
    "n_critic": "Critic per generator",
    "lr_decay": "Learning rate decay",
    "decay_from": "Decay from",
    "ema_half_life": "Averaging half-life",
    "gradient_penalty": "Gradient penalty",
    "beta1": "Adam beta 1",
    "beta2": "Adam beta 2",
    "clip": "Weight clip",
    "flip": "Mirror pictures",
    "tensorboard": "TensorBoard events",
    "previews": "Sample sheet",
    "devices": "Processes",
    "nodes": "Machines",
    "batch": "Batch",
    "steps": "Steps",
}
_CHOICES: dict[str, tuple[Value, ...]] = {"image_size": IMAGE_SIZES, "channels": (1, 3), "family": ("dcgan",)}
_TEXTS = {
    "wgan": "WGAN",
    "wgan-gp": "WGAN-GP",
    "dcgan": "DCGAN",
    "bf16": "bf16",
    "fp32": "fp32",
    "diffaugment": "DiffAugment",
}


@dataclass(frozen=True)
class ConfigField:
    """One field of :class:`ModelConfig` or :class:`TrainConfig`."""

    name: str
    part: Literal["model", "train"]
    kind: Kind
    default: Value
    choices: tuple[Value, ...]
    """Of kind choice, else empty."""
    about: str
    """Its docstring on one line, without reStructuredText."""

    @property
    def label(self) -> str:
        """What stands before the field."""
        return _LABELS.get(self.name) or self.name.replace("_", " ").capitalize()

    @property
    def unit(self) -> str:
        """What the number counts; empty where it counts nothing."""
        return UNITS.get(self.name, "")

    @property
    def main(self) -> bool:
        """Whether it is shown before *More options* is opened."""
        return self.name in MAIN


def choice_text(value: Value) -> str:
    """How one of the choices is called in the window."""
    text = str(value)
    return _TEXTS.get(text) or (text if text.startswith("cuda") else text[:1].upper() + text[1:])


def spelled(value: Value) -> str:
    """A value as the user would type it, exactly: 0.0002, 5e-05, 20000."""
    return repr(value) if isinstance(value, float) else str(value)


@cache
def config_fields() -> tuple[ConfigField, ...]:
    """All of them, the model's first, as they stand in :mod:`gan.config`."""
    return (*_of(ModelConfig, "model"), *_of(TrainConfig, "train"))


def _docstrings(kind: type) -> dict[str, str]:
    """The text below each attribute of a class, which Python itself does not keep."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for line, below in zip(body.body, body.body[1:], strict=False):
        told = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and below.value.value
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and isinstance(told, str):
            found[line.target.id] = " ".join(told.replace("``", "").replace(":mod:", "").replace("`", "").split())
    return found


def _of(kind: type[ModelConfig] | type[TrainConfig], part: Literal["model", "train"]) -> list[ConfigField]:
    hints, about = get_type_hints(kind), _docstrings(kind)
    made = []
    for item in fields(kind):
        assert item.default is not MISSING, f"{item.name} has no default"
        hint = hints[item.name]
        choices = get_args(hint) if get_origin(hint) is Literal else _CHOICES.get(item.name, ())
        kinds: dict[object, Kind] = {int: "whole", float: "number", bool: "switch"}
        found: Kind = "choice" if choices else kinds.get(hint, "text")
        made.append(ConfigField(item.name, part, found, item.default, tuple(choices), about.get(item.name, "")))
    return made
