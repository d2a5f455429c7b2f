from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.errors import UserError
from gan.files import sha256_of
from gan.models import build_critic, build_generator
from latent_debugger.services.model_info import read_model_info, trace_layers


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    config = ModelConfig(image_size=32, z_dim=12, width=4)
    info = CheckpointInfo(
        tmp_path, "dcgan", config, step=1234, images_seen=39488, objective="wgan-gp", run="run-a", parent="b" * 64,
        data={"name": "people", "count": 6000, "sha256": "c" * 64},
    )  # fmt: skip
    path = tmp_path / "faces.safetensors"
    save_checkpoint(path, build_generator(config), info, build_critic(config), dtype=torch.float16)
    return path


def test_what_a_checkpoint_tells(checkpoint: Path) -> None:
    info = read_model_info(checkpoint)
    facts = dict(info.facts)
    assert info.name == "faces"
    assert facts["Family"] == "dcgan" and facts["Picture"] == "32 × 32, RGB" and facts["Latent"] == "12 dimensions"
    assert facts["Width"] == "4 feature maps" and facts["Stored as"] == "float16"
    assert facts["Objective"] == "wgan-gp" and facts["Steps"] == "1,234" and facts["Pictures seen"] == "39,488"
    assert facts["Data"] == "people, 6,000 pictures" and facts["Run"] == "run-a" and facts["Parent"] == "b" * 64
    assert facts["sha256"] == sha256_of(checkpoint) and facts["File"].startswith("faces.safetensors, ")
    parameters = sum(
        value.numel() for value in build_generator(ModelConfig(image_size=32, z_dim=12, width=4)).parameters()
    )
    assert facts["Parameters"] == f"{parameters:,}"
    text = info.as_text()
    assert "faces" in text and "39,488" in text and "to_image\tConvTranspose2d\t3 × 32 × 32" in text


@pytest.mark.parametrize("size", [32, 64, 256])
def test_layers_are_those_that_run(size: int) -> None:
    config = ModelConfig(image_size=size, z_dim=5, width=4, channels=1)
    layers = trace_layers(config)
    generator = build_generator(config)
    assert layers[0].name == "project" and layers[-1].shape == (1, size, size)
    assert sum(layer.parameters for layer in layers) == sum(value.numel() for value in generator.parameters())
    modules = dict(generator.named_modules())
    assert all(isinstance(modules[layer.name], getattr(nn, layer.kind)) for layer in layers)
    assert {layer.kind for layer in layers} == {"Linear", "BatchNorm2d", "ConvTranspose2d", "ReLU"}


def test_the_largest_model_costs_no_memory() -> None:
    layers = trace_layers(ModelConfig(image_size=256, z_dim=1024, width=512))
    assert sum(layer.parameters for layer in layers) > 200_000_000


def test_a_foreign_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "text.safetensors"
    path.write_text("no weights")
    with pytest.raises(UserError, match=r"text\.safetensors"):
        read_model_info(path)
