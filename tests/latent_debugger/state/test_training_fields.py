"""The form's table follows the configurations."""

from __future__ import annotations

from dataclasses import fields

import pytest

from gan.config import ModelConfig, TrainConfig
from latent_debugger.state.training_fields import MAIN, UNITS, config_fields, spelled

COUNT_NOTHING = {
    "learning_rate", "beta1", "beta2", "clip", "gradient_penalty", "seed",
}  # fmt: skip


def test_every_field_of_both_configurations_is_there() -> None:
    found = [(field.part, field.name) for field in config_fields()]
    assert found == [("model", f.name) for f in fields(ModelConfig)] + [("train", f.name) for f in fields(TrainConfig)]


@pytest.mark.parametrize("field", config_fields(), ids=lambda field: field.name)
def test_a_field_explains_itself(field) -> None:  # type: ignore[no-untyped-def]
    assert len(field.about) > 10 and field.about.rstrip().endswith((".", ")"))
    assert "`" not in field.about and "\n" not in field.about
    assert field.label and field.label[0].isupper()
    assert bool(field.choices) == (field.kind == "choice")
    assert not field.choices or field.default in field.choices
    if field.kind in ("whole", "number"):
        assert bool(field.unit) != (field.name in COUNT_NOTHING)


def test_processes_and_machines_are_called_so() -> None:
    labels = {field.name: field.label for field in config_fields()}
    assert [labels[name] for name in ("device", "devices", "nodes")] == ["Device", "Processes", "Machines"]


def test_the_tables_name_no_field_that_is_gone() -> None:
    names = {field.name for field in config_fields()}
    assert set(MAIN) <= names and set(UNITS) <= names


@pytest.mark.parametrize(
    ("value", "text"),
    [(2e-4, "0.0002"), (5e-5, "5e-05"), (1.23456789e-5, "1.23456789e-05"), (0.0, "0.0"), (20000, "20000")],
)
def test_values_are_spelled_as_one_types_them(value: float, text: str) -> None:
    assert spelled(value) == text
