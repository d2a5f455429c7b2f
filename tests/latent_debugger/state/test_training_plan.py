from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan.config import ModelConfig, TrainConfig
from gan.presets import PRESETS, configured
from latent_debugger.state.training_fields import config_fields, spelled
from latent_debugger.state.training_plan import check, free_name, preset_values


@pytest.mark.parametrize("objective", [None, "wgan", "wgan-gp", "dcgan"])
@pytest.mark.parametrize("preset", PRESETS)
def test_the_window_and_the_command_line_mean_the_same_by_a_preset(preset: str, objective: str | None) -> None:
    model, train = configured(preset, objective, {}, {})
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
        ("steps", "1\N{NARROW NO-BREAK SPACE}234,567", 1234567),
        ("learning_rate", "0,0002", 2e-4),
        ("learning_rate", "0,001", 1e-3),
        ("gradient_penalty", "1\N{NO-BREAK SPACE}000,5", 1000.5),
        ("beta1", "5e-1", 0.5),
    ],
)
def test_numbers_may_be_typed_as_people_do(name: str, text: str, value: float) -> None:
    _, train, wrong = check({name: text})
    assert getattr(train, name) == value and not wrong


def test_a_comma_that_may_mean_thousands_is_not_guessed_at() -> None:
    for text, told in {
        "1,000": "Must be written 1000 or 1.000: 1,000 may mean either.",
        "\N{MINUS SIGN}12,500": "Must be written -12500 or -12.500: -12,500 may mean either.",
        "1,234,567": "Must be a number such as 10.0.",
    }.items():
        assert check({"gradient_penalty": text})[2] == {"gradient_penalty": told}


@pytest.mark.parametrize("text", ["1,5", "0,5", "1 5", "12,34", "1,0000", "1,00,000"])
def test_a_comma_in_a_whole_number_stands_before_three_digits(text: str) -> None:
    assert set(check({"steps": text})[2]) == {"steps"}


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


@pytest.mark.parametrize(("devices", "nodes", "fits"), [(2, 1, 14), (1, 4, 12), (2, 3, 12), (16, 1, 16)])
def test_a_batch_that_the_processes_cannot_share_is_told(devices: int, nodes: int, fits: int) -> None:
    values = {"batch": "15", "devices": str(devices), "nodes": str(nodes)}
    told = f"Must be a multiple of {devices * nodes}, the number of processes: {fits}, say."
    assert check(values)[2] == {"batch": told}
    assert check({**values, "batch": fits})[2] == {}


def test_several_processes_need_one_of_their_own() -> None:
    for name in ("devices", "nodes"):
        wrong = check({"batch": 16, name: 2}, own_process=False)[2]
        assert set(wrong) == {name} and "Separate process" in wrong[name]
    assert check({"batch": 15}, own_process=False)[2] == {}


@pytest.mark.parametrize("name", ["batch", "threads", "learning_rate", "seed"])
def test_the_example_of_a_number_is_the_default_of_its_field(name: str) -> None:
    default = next(field.default for field in config_fields() if field.name == name)
    assert check({name: "abc"})[2] == {name: f"Must be a number such as {spelled(default)}."}


@given(
    st.dictionaries(
        st.sampled_from([field.name for field in config_fields()]),
        st.one_of(st.text(max_size=5), st.integers(), st.floats(), st.booleans()),
    )
)
def test_whatever_is_in_the_fields_nothing_raises(values: dict[str, object]) -> None:
    model, train, wrong = check(values)  # type: ignore[arg-type]
    assert isinstance(model, ModelConfig) and isinstance(train, TrainConfig)
    assert set(wrong) <= set(values) | {"", "batch"}  # which must suit the processes


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("people", set()) == "people"
    assert free_name("people", {"people", "people-2"}) == "people-3"
    assert free_name(" .. ", set()) == "run"
