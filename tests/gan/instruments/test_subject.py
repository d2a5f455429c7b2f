from __future__ import annotations

import numpy as np
import pytest
import torch

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.instruments.subject import open_subject
from gan.latent.draws import draw
from gan.models import build_critic, build_generator
from gan.rendering import open_renderer


@pytest.fixture
def path(tmp_path):
    torch.manual_seed(0)
    config = ModelConfig(image_size=32, z_dim=6, width=4)
    path = tmp_path / "model.safetensors"
    info = CheckpointInfo(path, "dcgan", config, 3, objective="wgan-gp")
    save_checkpoint(path, build_generator(config), info, build_critic(config))
    return path


def test_draws_what_the_renderer_draws(path):
    subject, renderer, latents = open_subject(path), open_renderer(path, "cpu"), draw(3, 6, seed=1)
    with torch.no_grad():
        images = subject.generator(torch.from_numpy(latents)).numpy()
    assert np.abs(images - renderer.raw(latents)).max() < 1e-4
    assert subject.dim == 6 and not subject.generator.training
    assert not any(p.requires_grad for part in (subject.generator, subject.critic) for p in part.parameters())


def test_scores_are_there_where_a_critic_is(path):
    subject = open_subject(path)
    with torch.no_grad():
        assert subject.critic(torch.zeros(2, 3, 32, 32)).shape == (2,)


def test_without_a_critic(tmp_path):
    config = ModelConfig(image_size=32, z_dim=6, width=4)
    path = tmp_path / "bare.safetensors"
    save_checkpoint(path, build_generator(config), CheckpointInfo(path, "dcgan", config, 3))
    assert open_subject(path).critic is None
