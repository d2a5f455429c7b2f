from __future__ import annotations

import pytest
import torch

from gan.config import ModelConfig
from gan.models import build_critic, build_generator
from gan.models.unfilled import Unfilled


@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
def test_a_network_is_built_without_drawing_a_number(upsampling: str) -> None:
    config = ModelConfig(image_size=32, z_dim=5, width=4, norm="layer", upsampling=upsampling)  # type: ignore[arg-type]
    for build in (build_generator, build_critic):
        torch.manual_seed(3)
        before = torch.get_rng_state()
        with Unfilled():
            made = build(config)
        assert torch.equal(torch.get_rng_state(), before)
        usual = build(config)
        assert not torch.equal(torch.get_rng_state(), before)
        assert {n: v.shape for n, v in made.state_dict().items()} == {n: v.shape for n, v in usual.state_dict().items()}
        made.load_state_dict(usual.state_dict())
        assert all(torch.equal(value, made.state_dict()[name]) for name, value in usual.state_dict().items())
    assert torch.empty(1000).normal_().std() > 0.5, "afterwards everything is as before"
