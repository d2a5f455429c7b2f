from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan.cli.train import configure
from gan.config import ModelConfig, TrainConfig
from gan.presets import PRESETS
from latent_debugger.state.training_fields import config_fields, spelled
from latent_debugger.state.training_plan import check, free_name, preset_values


@pytest.mark.parametrize("objective", [None, "wgan", "wgan-gp", "dcgan"])
@pytest.mark.parametrize("preset", PRESETS)
def test_the_window_and_the_command_line_mean_the_same_by_a_preset(preset: str, objective: str | None) -> None:
    model, train = configure(preset, objective, {}, {})
    assert preset_values(preset, objective) == {**model.to_json(), **train.to_json()}
    assert check(preset_values(preset, objective)) == (model, train, {})


def test_what_is_typed_is_read_as_it_was_shown() -> None:
    values = preset_values("paper-wgan")
    texts = {
        field.name: spelled(values[field.name]) if field.kind in ("whole", "number") else values[field.name]
        for field in config_fields()
    }
    assert check(texts) == check(values)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("steps", "20,000", 20000),
        ("steps", " 20 000 ", 20000),
        ("learning_rate", "0,0002", 2e-4),
        ("beta1", "5e-1", 0.5),
    ],
)
def test_numbers_may_be_typed_as_people_do(name: str, text: str, value: float) -> None:
    _, train, wrong = check({name: text})
    assert getattr(train, name) == value and not wrong


def test_each_wrong_value_is_told_at_its_field_and_the_rest_is_kept() -> None:
    model, train, wrong = check(
        {"batch": "1", "z_dim": "abc", "width": 9999, "beta1": "2", "n_critic": "7", "flip": True}
    )
    assert set(wrong) == {"batch", "z_dim", "width", "beta1"}
    assert wrong["batch"] == "Must lie between 2 and 65536, not 1."
    assert all(text[0].isupper() and text.endswith(".") for text in wrong.values())
    assert train.n_critic == 7 and train.flip and model == ModelConfig()


def test_a_device_is_one_of_those_there_may_be() -> None:
    assert check({"device": "gpu"})[2] == {"device": "Must be auto, cpu, mps, cuda or cuda:N."}
    assert check({"device": "cuda:1"})[2] == {}


def test_a_contradiction_between_two_fields_is_told_at_one_of_them() -> None:
    _, _, wrong = check({"augment": "auto", "held_out": 0.0})
    assert set(wrong) == {"augment"} and "held_out" in wrong["augment"]


@given(
    st.dictionaries(
        st.sampled_from([field.name for field in config_fields()]),
        st.one_of(st.text(max_size=5), st.integers(), st.floats(), st.booleans()),
    )
)
def test_whatever_is_in_the_fields_nothing_raises(values: dict[str, object]) -> None:
    model, train, wrong = check(values)  # type: ignore[arg-type]
    assert isinstance(model, ModelConfig) and isinstance(train, TrainConfig)
    assert set(wrong) <= set(values) | {""}


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("people", set()) == "people"
    assert free_name("people", {"people", "people-2"}) == "people-3"
    assert free_name(" .. ", set()) == "run"
