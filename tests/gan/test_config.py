from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan.config import IMAGE_SIZES, ModelConfig, Norm, Objective, TrainConfig, check_together, suited
from gan.errors import UserError

models = st.builds(
    ModelConfig,
    image_size=st.sampled_from(IMAGE_SIZES),
    z_dim=st.integers(1, 1024),
    channels=st.sampled_from([1, 3]),
    width=st.integers(1, 512),
    norm=st.sampled_from(["batch", "layer", "none"]),
    upsampling=st.sampled_from(["transposed", "resize"]),
)
trainings = st.builds(
    TrainConfig,
    objective=st.sampled_from(["wgan", "wgan-gp", "dcgan"]),
    steps=st.integers(1, 10**9),
    learning_rate=st.floats(1e-9, 1.0),
    beta1=st.one_of(st.just(0), st.floats(0, 0.9999)),
    flip=st.booleans(),
    burst=st.booleans(),
    lr_decay=st.sampled_from(["none", "linear"]),
    augment=st.sampled_from(["none", "diffaugment", "auto"]),
    held_out=st.floats(0.001, 0.5),
    keep_checkpoints=st.integers(0, 10**9),
    seed=st.integers(0, 2**32 - 1),
)


@settings(deadline=None)
@given(st.one_of(models, trainings))
def test_json_round_trip(config: ModelConfig | TrainConfig) -> None:
    values = json.loads(json.dumps(config.to_json()))
    assert type(config).from_json(values) == config
    assert set(values) == {field.name for field in fields(config)}


def test_fields_of_a_newer_version_are_ignored_and_missing_ones_have_defaults() -> None:
    assert ModelConfig.from_json({"z_dim": 7, "mapping_layers": 8}) == ModelConfig(z_dim=7)


def test_a_run_from_before_these_fields_trains_as_it_did() -> None:
    new = {"lr_decay", "decay_from", "augment", "held_out", "burst", "devices", "nodes", "keep_checkpoints"}
    old = {name: value for name, value in TrainConfig().to_json().items() if name not in new}
    config = TrainConfig.from_json(old)
    assert (config.lr_decay, config.augment, config.held_out, config.burst) == ("none", "none", 0.0, False)
    assert (config.devices, config.nodes, config.keep_checkpoints) == (1, 1, 0)
    assert ModelConfig.from_json({}).upsampling == "transposed"


@pytest.mark.parametrize("values", [None, [], "dcgan", 3])
def test_what_is_no_object_is_refused(values: object) -> None:
    with pytest.raises(UserError, match="not a JSON object"):
        ModelConfig.from_json(values)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("image_size", 50), ("image_size", 16), ("image_size", 512), ("image_size", 64.0), ("image_size", "64"),
        ("z_dim", 0), ("z_dim", 1025), ("z_dim", True), ("z_dim", None), ("z_dim", -(10**400)), ("z_dim", float("nan")),
        ("channels", 2), ("channels", 4),
        ("width", 0), ("width", 513), ("width", [64]),
        ("norm", "instance"), ("norm", None), ("family", 3), ("upsampling", "bicubic"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_is_refused_by_the_name_of_its_field(name: str, value: object) -> None:
    with pytest.raises(UserError, match=name) as caught:
        ModelConfig(**{name: value})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("objective", "lsgan"), ("precision", "fp16"),
        ("steps", 0), ("steps", -5), ("steps", 10**400), ("batch", 1), ("n_critic", 0),
        ("learning_rate", 0.0), ("learning_rate", float("nan")), ("learning_rate", float("inf")),
        ("learning_rate", "1"),
        ("beta1", 1.0), ("beta2", -0.1), ("clip", 0), ("gradient_penalty", -1.0), ("ema_half_life", -1),
        ("flip", 1), ("threads", -1), ("checkpoint_every", 0), ("previews", 0), ("previews", 1025),
        ("seed", -1), ("seed", 2**32), ("device", 0), ("lr_decay", "cosine"), ("decay_from", 1.5), ("burst", 1),
        ("augment", "ada"), ("augment", "auto"), ("held_out", -0.1), ("held_out", 0.6), ("devices", 0), ("nodes", 0),
        ("keep_checkpoints", -1), ("milestone_every", -1), ("tensorboard", "yes"), ("pause_on_trouble", 1),
    ],
)  # fmt: skip
def test_a_training_that_cannot_be_is_refused_by_the_name_of_its_field(name: str, value: object) -> None:
    with pytest.raises(UserError, match=name):
        TrainConfig(**{name: value})  # type: ignore[arg-type]


def test_a_refusal_tells_the_exact_limits() -> None:
    with pytest.raises(UserError, match="between 0 and 4294967295, not 4294967296"):
        TrainConfig(seed=2**32)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [  # arXiv 1701.07875 algorithm 1, arXiv 1704.00028 algorithm 1, arXiv 1511.06434 section 4
        ("wgan", {"batch": 64, "n_critic": 5, "learning_rate": 5e-5, "clip": 0.01}),
        ("wgan-gp", {"batch": 64, "n_critic": 5, "learning_rate": 1e-4, "beta1": 0.0, "beta2": 0.9,
                     "gradient_penalty": 10.0}),
        ("dcgan", {"batch": 128, "learning_rate": 2e-4, "beta1": 0.5, "beta2": 0.999}),
    ],
)  # fmt: skip
def test_the_papers_settings(objective: str, expected: dict[str, float]) -> None:
    config = TrainConfig.for_objective(objective)  # type: ignore[arg-type]
    assert {name: getattr(config, name) for name in expected} == expected
    assert config.objective == objective


def test_overrides_win_over_the_paper_and_none_counts_as_not_given() -> None:
    config = TrainConfig.for_objective("wgan", n_critic=2, batch=None, flip=False)
    assert (config.n_critic, config.batch, config.flip) == (2, 64, False)


def test_changes_are_checked_and_leave_the_original_alone() -> None:
    config = TrainConfig(steps=10)
    assert config.with_changes(steps=20, batch=None) == TrainConfig(steps=20)
    assert config.steps == 10
    with pytest.raises(UserError, match="steps"):
        config.with_changes(steps=0)
    with pytest.raises(FrozenInstanceError):
        config.steps = 3  # type: ignore[misc]


@pytest.mark.parametrize("objective", ["wgan", "wgan-gp", "dcgan"])
@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_only_a_penalty_forbids_batch_normalisation(objective: Objective, norm: Norm) -> None:
    model, train = ModelConfig(norm=norm), TrainConfig.for_objective(objective)
    allowed = (objective, norm) != ("wgan-gp", "batch")
    if allowed:
        check_together(model, train)
        assert suited(model, objective) == model.to_json()
    else:
        with pytest.raises(UserError, match=r"^norm must be layer or none"):
            check_together(model, train)
        assert suited(model, objective).keys() == model.to_json().keys() - {"norm"}
