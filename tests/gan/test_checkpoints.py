from __future__ import annotations

import json
import pickle
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from safetensors.torch import save as dump_tensors

from gan.checkpoints import (
    METADATA_KEY,
    CheckpointInfo,
    load_checkpoint,
    read_config,
    read_header,
    read_info,
    save_checkpoint,
)
from gan.config import IMAGE_SIZES, ModelConfig
from gan.errors import UserError
from gan.models import build_critic, build_generator

TINY = ModelConfig(image_size=32, z_dim=4, width=1)
INFO = CheckpointInfo(
    path=Path("x"),
    family="dcgan",
    config=TINY,
    step=20_000,
    images_seen=10**10,
    objective="wgan-gp",
    run="0b5f7d5e-6d3f-4ad0-8a6f-3c8b2f8b5a11",
    parent="a" * 64,
    data={"name": "people", "count": 6000, "sha256": "b" * 64},
    created="2026-01-02T03:04:05+00:00",
)


def save(path, config=TINY, dtype=torch.float32, critic=False, **about):
    torch.manual_seed(0)
    generator = build_generator(config)
    generator.train()(torch.randn(8, config.z_dim))  # running statistics that are not 0 and 1
    info = replace(INFO, config=config, **about)
    save_checkpoint(path, generator, info, build_critic(config) if critic else None, dtype)
    return generator


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "good.safetensors"
    save(path, critic=True)
    return path.read_bytes()


def weights(network):
    return {n: v for n, v in network.state_dict().items() if not n.endswith("num_batches_tracked")}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_round_trip(tmp_path, dtype):
    path = tmp_path / "m.safetensors"
    generator = save(path, dtype=dtype, critic=True)
    loaded = load_checkpoint(path, with_critic=True)
    for name, value in weights(generator).items():
        found = loaded.generator.state_dict()[name]
        assert found.dtype == torch.float32 and torch.equal(found, value.to(dtype).float()), name
    assert not loaded.generator.training and not any(p.requires_grad for p in loaded.generator.parameters())
    assert loaded.critic is not None and not loaded.critic.training
    assert loaded.info == replace(INFO, path=path, sha256=loaded.info.sha256) == read_info(path)


def test_the_critic_is_optional_both_ways(tmp_path):
    save(tmp_path / "with.safetensors", critic=True)
    save(tmp_path / "without.safetensors")
    assert load_checkpoint(tmp_path / "with.safetensors").critic is None
    assert load_checkpoint(tmp_path / "without.safetensors", with_critic=True).critic is None


@pytest.mark.parametrize("size", IMAGE_SIZES)
@pytest.mark.parametrize(("z_dim", "channels"), [(1, 1), (1024, 3)])
@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_every_size(tmp_path, size, z_dim, channels, norm):
    config = ModelConfig(image_size=size, z_dim=z_dim, channels=channels, width=1, norm=norm)
    path = tmp_path / "m.safetensors"
    generator = save(path, config, critic=True).eval()
    loaded = load_checkpoint(path, with_critic=True)
    z = torch.randn(2, z_dim)
    with torch.inference_mode():
        pictures = loaded.generator(z)
        assert pictures.shape == (2, channels, size, size) and torch.equal(pictures, generator(z))
        assert loaded.critic(pictures).shape == (2,)


def test_one_file_that_any_safetensors_reader_understands(tmp_path):
    from safetensors import safe_open

    save(tmp_path / "m.safetensors", dtype=torch.float16, critic=True)
    with safe_open(tmp_path / "m.safetensors", "pt") as file:
        about = json.loads(file.metadata()[METADATA_KEY])
        assert {name.split(".")[0] for name in file.keys()} == {"generator", "critic"}  # noqa: SIM118
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118
    assert about["format"] == 1 and about["config"]["z_dim"] == 4 and about["step"] == 20_000


def test_the_same_weights_and_metadata_make_the_same_file(tmp_path, good):
    save(tmp_path / "again.safetensors", critic=True)
    assert (tmp_path / "again.safetensors").read_bytes() == good


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flipped_bit_is_noticed(tmp_path, good, data):
    header = 8 + int.from_bytes(good[:8], "little")
    where = data.draw(st.one_of(st.integers(0, header - 1), st.integers(0, len(good) - 1)))
    bad = bytearray(good)
    bad[where] ^= 1 << data.draw(st.integers(0, 7))
    _refused(tmp_path, bytes(bad))


def test_a_flipped_bit_in_the_name_of_the_digest_is_noticed(tmp_path, good):
    _refused(tmp_path, good.replace(b'\\"digest\\"', b'\\"dhgest\\"'))


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_truncation_and_any_appendix_is_noticed(tmp_path, good, data):
    _refused(tmp_path, good[: data.draw(st.integers(0, len(good) - 1))])
    _refused(tmp_path, good + data.draw(st.binary(min_size=1, max_size=8)))


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_bytes_are_refused(tmp_path, data):
    _refused(tmp_path, data)
    _refused(tmp_path, struct.pack("<Q", len(data)) + data)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def test_foreign_and_malicious_files_are_refused(tmp_path):
    torch.save({"generator": Bomb()}, tmp_path / "t.pt")
    for data in (
        pickle.dumps(Bomb()),
        (tmp_path / "t.pt").read_bytes(),
        dump_tensors({"weight": torch.zeros(3)}),
        dump_tensors({"weight": torch.zeros(3)}, {"format": "pt"}),
        dump_tensors({"weight": torch.zeros(3)}, {METADATA_KEY: "[" * 100_000}),
        dump_tensors({"weight": torch.zeros(3)}, {METADATA_KEY: "null"}),
        struct.pack("<Q", 40_000) + b"[" * 40_000,
        struct.pack("<Q", 2**63) + b"{}",
    ):
        _refused(tmp_path, data)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"format": 2}, "format"),
        ({"format": None}, "format"),
        ({"family": "stylegan9"}, "stylegan9"),
        ({"family": 5}, "family"),
        ({"step": "many"}, "damaged"),
        ({"step": None}, "damaged"),
        ({"step": 1.5}, "damaged"),
        ({"config": {"z_dim": 5}}, "fit"),
        ({"config": {"z_dim": 4.0}}, "z_dim"),
        ({"config": {"z_dim": 0}}, "z_dim"),
        ({"config": {"z_dim": 10**12}}, "z_dim"),
        ({"config": {"image_size": 64}}, "fit"),
        ({"config": {"image_size": 48}}, "image_size"),
        ({"config": {"channels": 1}}, "fit"),
        ({"config": {"width": 2}}, "fit"),
        ({"config": {"norm": []}}, "norm"),
    ],
)
def test_a_header_that_lies_is_told(tmp_path, good, changes, word):
    about, tensors = _parts(good)
    about["config"] |= changes.pop("config", {})
    with pytest.raises(UserError, match=word):
        load_checkpoint(_write(tmp_path, about | changes, tensors))


def test_metadata_changed_by_hand_is_noticed(tmp_path, good):
    about, tensors = _parts(good)
    with pytest.raises(UserError, match="damaged"):
        load_checkpoint(_write(tmp_path, about | {"step": about["step"] + 1}, tensors, keep_digest=True))


def test_a_file_as_the_contract_describes_it_needs_no_digest(tmp_path, good):
    about, tensors = _parts(good)
    assert load_checkpoint(_write(tmp_path, about, tensors)).info.step == 20_000


@pytest.mark.parametrize("dtype", [torch.int32, torch.uint8, torch.bool, torch.complex64])
def test_weights_that_are_no_floats_are_refused(tmp_path, good, dtype):
    about, tensors = _parts(good)
    _refused(tmp_path, _write(tmp_path, about, {n: v.to(dtype) for n, v in tensors.items()}).read_bytes())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_broken_weights_are_refused(tmp_path, value):
    generator = build_generator(TINY)
    with torch.no_grad():
        generator.get_parameter("project.weight")[0, 0] = value
    save_checkpoint(tmp_path / "m.safetensors", generator, INFO)
    with pytest.raises(UserError, match="NaN or infinite"):
        load_checkpoint(tmp_path / "m.safetensors")


def test_a_tensor_missing_or_too_many_is_named(tmp_path, good):
    about, tensors = _parts(good)
    surplus = {**tensors, "generator.extra": torch.zeros(1)}
    with pytest.raises(UserError, match="extra"):
        load_checkpoint(_write(tmp_path, about, surplus))
    del tensors["generator.project.weight"]
    with pytest.raises(UserError, match=r"project\.weight"):
        load_checkpoint(_write(tmp_path, about, tensors))


def test_a_huge_network_is_not_built_for_a_small_file(tmp_path, good, monkeypatch):
    about, tensors = _parts(good)
    about["config"] |= {"width": 128, "image_size": 256, "z_dim": 1024}
    path = _write(tmp_path, about, tensors)
    real, sizes = torch.nn.init.kaiming_uniform_, [0]
    monkeypatch.setattr(torch.nn.init, "kaiming_uniform_", lambda t, **k: sizes.append(t.numel()) or real(t, **k))
    with pytest.raises(UserError, match="fit"):
        load_checkpoint(path)
    assert max(sizes) < 10**6


def test_a_failed_save_leaves_the_old_file(tmp_path, good, monkeypatch):
    import os

    path = tmp_path / "m.safetensors"
    path.write_bytes(good)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match="No space left"):
        save(path, step=1)
    assert path.read_bytes() == good and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("people64/step-00020000.safetensors", "people64"),
        ("runs/faces/checkpoints/step-00020000.safetensors", "faces"),
        ("downloads/smile.safetensors", "smile"),
    ],
)
def test_what_people_call_a_model(path, name):
    assert replace(INFO, path=Path(path)).name == name


def test_to_json_is_plain(good, tmp_path):
    (tmp_path / "m.safetensors").write_bytes(good)
    about = read_info(tmp_path / "m.safetensors").to_json()
    assert json.loads(json.dumps(about)) == about
    assert {"family", "config", "step", "run", "sha256", "source", "warnings"} <= about.keys()


def _refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(data)
    with pytest.raises(UserError) as error:
        load_checkpoint(path)
    assert error.value.text.endswith(".") and "\n" not in error.value.text


def _parts(data: bytes):
    from safetensors.torch import load

    length = int.from_bytes(data[:8], "little")
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"][METADATA_KEY]), load(data)


def _write(tmp_path: Path, about, tensors, keep_digest: bool = False) -> Path:
    about = {key: value for key, value in about.items() if keep_digest or key != "digest"}
    path = tmp_path / "written.safetensors"
    path.write_bytes(dump_tensors(tensors, {METADATA_KEY: json.dumps(about)}))
    return path


def test_loading_draws_no_random_number(tmp_path, good):
    path = tmp_path / "model.safetensors"
    path.write_bytes(good)
    before = torch.get_rng_state()
    loaded = load_checkpoint(path, with_critic=True)
    assert torch.equal(torch.get_rng_state(), before)
    for network, prefix in ((loaded.generator, "generator"), (loaded.critic, "critic")):
        stored = {n: v for n, v in load_file(path).items() if n.startswith(f"{prefix}.")}
        state = {f"{prefix}.{n}": v for n, v in network.state_dict().items() if not n.endswith("num_batches_tracked")}
        assert state.keys() == stored.keys() and all(torch.equal(state[n], stored[n].float()) for n in state)
        counts = [v for n, v in network.state_dict().items() if n.endswith("num_batches_tracked")]
        assert all(count == 0 for count in counts)


def test_the_header_alone_tells_all_but_the_sha256(tmp_path, good):
    path = tmp_path / "model.safetensors"
    path.write_bytes(good)
    info = load_checkpoint(path).info
    assert read_header(path) == replace(info, sha256="")
    assert read_config(path) == info.config
    with pytest.raises(UserError):
        read_config(tmp_path / "missing.safetensors")
