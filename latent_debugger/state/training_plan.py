"""What a new run is to be, from a preset and what the user changed of it; wrong values are told field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gan.config import ModelConfig, TrainConfig, check_together
from gan.errors import UserError
from gan.presets import DEFAULT_PRESET, configured
from latent_debugger.state.training_fields import ConfigField, Value, config_fields, spelled

_THOUSANDS = r"(?<=\d){}(?=(\d{{3}})+(?!\d))"  # with what stands between them
_EITHER = re.compile(r"-?[1-9]\d{0,2},\d{3}")  # thousands as the window writes them, or a decimal comma
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d{1,2})?")
T = TypeVar("T", ModelConfig, TrainConfig)
Values = dict[str, Value]
"""A value, or a text that is none yet, for every field by name."""


@dataclass(frozen=True)
class RunPlan:
    """A run that can be started."""

    data: Path
    """Folder, .zip, images.npy or manifest."""
    out: Path
    """The run directory, which holds no run yet."""
    model: ModelConfig
    train: TrainConfig
    preset: str = DEFAULT_PRESET
    parent: Path | None = None
    """A checkpoint to begin with, instead of random weights."""
    own_process: bool = True
    """Whether it goes on when the window closes."""
    follow: bool = True
    """Whether the window shows its checkpoints on the canvas as they come."""


def preset_values(preset: str, objective: str | None = None) -> Values:
    """Every field as a preset has it. Another objective than the preset's brings the settings of its own paper instead
    of the preset's, as on the command line."""
    model, train = configured(preset, objective)
    return {**model.to_json(), **train.to_json()}


def parse(field: ConfigField, value: Value) -> Value:
    """What the user typed into a field of numbers as a number.

    Raises:
        UserError: it is none; the sentence begins with the field's name, as those of the configurations do.
    """
    if field.name == "device" and not (isinstance(value, str) and _DEVICE.fullmatch(value)):
        raise UserError("device must be auto, cpu, mps, cuda or cuda:N.")
    if not isinstance(value, str) or field.kind in ("choice", "text"):
        return value
    text = re.sub(_THOUSANDS.format(r"\s"), "", value.strip()).replace("\N{MINUS SIGN}", "-")
    if field.kind == "number" and _EITHER.fullmatch(text):
        whole, decimal = text.replace(",", ""), text.replace(",", ".")
        raise UserError(f"{field.name} must be written {whole} or {decimal}: {text} may mean either.")
    try:
        return int(re.sub(_THOUSANDS.format(","), "", text)) if field.kind == "whole" else float(text.replace(",", "."))
    except ValueError:
        raise UserError(f"{field.name} must be a number such as {spelled(field.default)}.") from None


def check(values: Mapping[str, Value], *, own_process: bool = True) -> tuple[ModelConfig, TrainConfig, dict[str, str]]:
    """The configurations that ``values`` make, with the default wherever a value is wrong, and what is wrong by field.

    Args:
        own_process: whether the run gets a process of its own, which alone can have others beside it.

    Returns:
        Both configurations, and one sentence for each wrong field; they may be used only where there is none.
    """
    wrong: dict[str, str] = {}
    parsed: dict[str, dict[str, Value]] = {"model": {}, "train": {}}
    defaults: Values = {}
    for field in config_fields():
        defaults[field.name] = field.default
        try:
            parsed[field.part][field.name] = parse(field, values.get(field.name, field.default))
        except UserError as error:
            _note(wrong, field.name, error)
            parsed[field.part][field.name] = field.default
    model = _build(ModelConfig, parsed["model"], defaults, wrong)
    train = _build(TrainConfig, parsed["train"], defaults, wrong)
    _check_processes(train, wrong, own_process)
    try:
        check_together(model, train)
    except UserError as error:
        _note(wrong, error.text.partition(" ")[0], error)
    return model, train, wrong


def _check_processes(train: TrainConfig, wrong: dict[str, str], own_process: bool) -> None:
    """What the trainer would refuse only after the pictures were read."""
    many = train.devices * train.nodes
    if many == 1 or wrong.keys() & {"batch", "devices", "nodes"}:
        return
    if train.batch % many:
        fits = max(1, train.batch // many) * many
        wrong["batch"] = f"Must be a multiple of {many}, the number of processes: {fits}, say."
    if not own_process:
        name = "devices" if train.devices > 1 else "nodes"
        wrong[name] = "Must be 1, unless Where it runs says Separate process."


def _build(kind: type[T], values: dict[str, Value], defaults: Values, wrong: dict[str, str]) -> T:
    """Each failure names its field; that field gets its default, and the others have their turn."""
    for _ in range(len(values) + 1):
        try:
            return kind(**values)  # type: ignore[arg-type]
        except UserError as error:
            name = error.text.partition(" ")[0]
            if name not in values or values[name] == defaults[name]:
                _note(wrong, name if name in values else "", error)
                break
            _note(wrong, name, error)
            values[name] = defaults[name]
    return kind()


def _note(wrong: dict[str, str], name: str, error: UserError) -> None:
    """The sentence stands at its field, whose name it need not repeat."""
    told = str(error).removeprefix(name).strip()
    wrong[name] = told[:1].upper() + told[1:]


def free_name(wanted: str, taken: set[str]) -> str:
    """``wanted``, or with the first number behind it that makes it new: people, people-2, people-3 ..."""
    wanted = wanted.strip().strip(".") or "run"
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
