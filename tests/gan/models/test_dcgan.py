from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan.config import IMAGE_SIZES, ModelConfig
from gan.errors import UserError
from gan.models import build_critic, build_generator, generator_size
from gan.models.batch_norm import BatchNormOfParts
from gan.models.convolution import Halve
from gan.models.dcgan import ResizeConvolution

NORMS = ("batch", "layer", "none")


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def _pictures(n: int, config: ModelConfig) -> Tensor:
    return torch.rand(n, config.channels, config.image_size, config.image_size) * 2 - 1


def _trained(network: nn.Module, *batches: Tensor) -> nn.Module:
    """Weights large enough to matter and running statistics that are not 0 and 1; in double precision, eval mode."""
    network.double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
        for batch in batches:
            network.train()(batch.double())
    return network.eval()


@pytest.mark.parametrize("size", IMAGE_SIZES)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("z_dim", [1, 1024])
def test_generator_shapes(size: int, channels: int, z_dim: int) -> None:
    generator = build_generator(ModelConfig(image_size=size, channels=channels, z_dim=z_dim, width=2)).eval()
    images = generator(torch.randn(3, z_dim) * 100)
    assert images.shape == (3, channels, size, size)
    assert images.abs().max() <= 1 and images.isfinite().all()


@pytest.mark.parametrize("size", IMAGE_SIZES)
@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
def test_the_size_told_is_the_size_made(size: int, upsampling: str) -> None:
    config = ModelConfig(image_size=size, z_dim=7, width=2, upsampling=upsampling)  # type: ignore[arg-type]
    weights = (p for name, p in build_generator(config).named_parameters() if p.dim() > 1)
    assert generator_size(config) == sum(p.numel() for p in weights)


@pytest.mark.parametrize("size", IMAGE_SIZES)
def test_a_generator_that_resizes(size: int) -> None:
    config = ModelConfig(image_size=size, z_dim=5, width=2, upsampling="resize")
    generator = build_generator(config)
    assert generator(torch.randn(3, 5)).shape == (3, 3, size, size)
    assert not any(isinstance(m, nn.ConvTranspose2d) for m in generator.modules())


def test_resizing_equals_its_definition() -> None:
    layer = ResizeConvolution(2, 3).double()
    x = torch.randn(2, 2, 4, 4, dtype=torch.float64)
    large = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(layer(x), F.conv2d(large, layer.weight, layer.bias, padding=1))


def test_resizing_builds_no_chequerboard_in() -> None:
    """Constant weights on a constant input: away from the border the resized picture is flat, as Odena et al. show."""
    flat = torch.ones(1, 1, 8, 8)
    resize, transposed = ResizeConvolution(1, 1, bias=False), nn.ConvTranspose2d(1, 1, 3, stride=2, bias=False)
    with torch.no_grad():
        for layer in (resize, transposed):
            nn.init.ones_(layer.weight)
        assert resize(flat)[..., 2:-2, 2:-2].std() == 0 < transposed(flat)[..., 2:-2, 2:-2].std()


@pytest.mark.parametrize("size", IMAGE_SIZES)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("norm", NORMS)
def test_critic_gives_one_unbounded_score_a_picture(size: int, channels: int, norm: str) -> None:
    config = ModelConfig(image_size=size, channels=channels, width=2, norm=norm)  # type: ignore[arg-type]
    critic = build_critic(config)
    for n in (1, 3):
        assert critic(_pictures(n, config)).shape == (n,)
    nn.init.constant_(critic.score.bias, 50.0)  # a sigmoid would have hidden it
    assert critic(_pictures(2, config)).min() > 40


@pytest.mark.parametrize(
    ("size", "multiples"),
    [(32, [4, 2, 1]), (64, [8, 4, 2, 1]), (128, [8, 8, 4, 2, 1]), (256, [8, 8, 8, 4, 2, 1])],
)
def test_widths_double_from_the_picture_inwards_up_to_eightfold(size: int, multiples: list[int]) -> None:
    config = ModelConfig(image_size=size, width=3)
    transposed = [m for m in build_generator(config).modules() if isinstance(m, nn.ConvTranspose2d)]
    assert [layer.in_channels for layer in transposed] == [3 * multiple for multiple in multiples]
    convolutions = [m for m in build_critic(config).modules() if isinstance(m, nn.Conv2d)]
    assert [layer.in_channels for layer in convolutions] == [3, *(3 * multiple for multiple in reversed(multiples))]


def test_the_papers_guidelines() -> None:
    """Radford et al. 2015, section 3: no pooling, no hidden fully connected layers, ReLU here and LeakyReLU there."""
    generator, critic = build_generator(ModelConfig()), build_critic(ModelConfig(norm="batch"))
    assert all(m.stride == (2, 2) for m in generator.modules() if isinstance(m, nn.ConvTranspose2d))
    kinds = {type(m) for m in critic.features}
    assert kinds == {Halve, BatchNormOfParts, nn.LeakyReLU}
    assert all(m.negative_slope == 0.2 for m in critic.modules() if isinstance(m, nn.LeakyReLU))
    assert isinstance(critic.features[1], nn.LeakyReLU)  # no normalisation next to the picture
    assert sum(isinstance(m, nn.BatchNorm2d) for m in generator.modules()) == 4  # and none at the tanh


@pytest.mark.parametrize("norm", NORMS)
def test_initial_weights(norm: str) -> None:
    config = ModelConfig(width=32, norm=norm)  # type: ignore[arg-type]
    for network in (build_generator(config), build_critic(config)):
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                weight = module.weight.detach().flatten()
                spread = 5 * 0.02 / weight.numel() ** 0.5
                assert weight.mean().abs() < spread and (weight.std() - 0.02).abs() < spread
                assert module.bias is None or (module.bias == 0).all()
            if isinstance(module, nn.BatchNorm2d):
                assert (module.weight.mean() - 1).abs() < 0.02 and module.weight.std() < 0.03
                assert (module.bias == 0).all()
            if isinstance(module, nn.GroupNorm):
                assert (module.weight == 1).all() and (module.bias == 0).all()


def test_the_seed_decides_the_weights() -> None:
    def weights(seed: int) -> bytes:
        torch.manual_seed(seed)
        return b"".join(p.detach().numpy().tobytes() for p in build_generator(ModelConfig(width=1)).parameters())

    assert weights(1) == weights(1) != weights(2)


def _upsampled(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """A transposed convolution by its definition: zeros between the pixels, then a turned kernel."""
    n, c, h, w = x.shape
    stuffed = x.new_zeros(n, c, 2 * h - 1, 2 * w - 1)
    stuffed[..., ::2, ::2] = x
    return F.conv2d(stuffed, weight.flip(2, 3).transpose(0, 1), bias, padding=2)


def _batch_normalised(x: Tensor, state: dict[str, Tensor], name: str) -> Tensor:
    def of(key: str) -> Tensor:
        return state[f"{name}.{key}"][:, None, None]

    return (x - of("running_mean")) / (of("running_var") + 1e-5).sqrt() * of("weight") + of("bias")


@pytest.mark.parametrize("size", [32, 64])
def test_generator_equals_its_definition(size: int) -> None:
    config = ModelConfig(image_size=size, z_dim=5, width=2)
    generator = _trained(build_generator(config), torch.randn(8, 5), torch.randn(8, 5))
    state = generator.state_dict()
    z = torch.randn(4, 5, dtype=torch.float64)
    with torch.no_grad():
        x = (z @ state["project.weight"].T).reshape(4, -1, 4, 4)
        x = _batch_normalised(x, state, "project_norm").clamp(min=0)
        for stage in range(size.bit_length() - 4):
            x = _upsampled(x, state[f"stages.{stage}.0.weight"], None)
            x = _batch_normalised(x, state, f"stages.{stage}.1").clamp(min=0)
        expected = _upsampled(x, state["to_image.weight"], state["to_image.bias"]).tanh()
        torch.testing.assert_close(generator(z), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("norm", NORMS)
def test_critic_equals_its_definition(norm: str) -> None:
    config = ModelConfig(image_size=32, width=2, norm=norm)  # type: ignore[arg-type]
    critic = _trained(build_critic(config), _pictures(8, config))
    state = critic.state_dict()
    images = _pictures(4, config).double()
    x, index = images, 0
    with torch.no_grad():
        for layer in range(3):
            x = F.conv2d(x, state[f"features.{index}.weight"], state.get(f"features.{index}.bias"), stride=2, padding=1)
            index += 1
            if layer and norm != "none":
                name = f"features.{index}"
                if norm == "batch":
                    x = _batch_normalised(x, state, name)
                else:
                    mean = x.mean((1, 2, 3), keepdim=True)
                    variance = ((x - mean) ** 2).mean((1, 2, 3), keepdim=True)
                    x = (x - mean) / (variance + 1e-5).sqrt()
                    x = x * state[f"{name}.weight"][:, None, None] + state[f"{name}.bias"][:, None, None]
                index += 1
            x = torch.where(x > 0, x, 0.2 * x)
            index += 1
        expected = (x * state["score.weight"]).sum((1, 2, 3)) + state["score.bias"]
        torch.testing.assert_close(critic(images), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("norm", "alone"), [("layer", True), ("none", True), ("batch", False)])
def test_whether_a_score_depends_on_the_other_pictures(norm: str, alone: bool) -> None:
    """WGAN-GP's penalty is per sample, so its critic must judge each picture by itself, in training too."""
    config = ModelConfig(image_size=32, width=2, norm=norm)  # type: ignore[arg-type]
    critic = _trained(build_critic(config)).train()
    first = _pictures(3, config).double()
    with torch.no_grad():
        together = critic(torch.cat([first, _pictures(4, config).double()]))[:3]
    assert torch.allclose(together, critic(first), rtol=1e-9) is alone


def test_a_picture_depends_on_its_own_latent_only() -> None:
    generator = _trained(build_generator(ModelConfig(image_size=32, z_dim=4, width=2)), torch.randn(8, 4))
    z = torch.randn(5, 4, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(generator(z)[2:3], generator(z[2:3]), rtol=1e-9, atol=1e-12)
        assert not torch.allclose(generator(z[:1]), generator(z[1:2]))


@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
@pytest.mark.parametrize("norm", NORMS)
def test_gradients_reach_everything(norm: str, upsampling: str) -> None:
    config = ModelConfig(image_size=32, width=2, z_dim=4, norm=norm, upsampling=upsampling)  # type: ignore[arg-type]
    generator, critic = build_generator(config), build_critic(config)
    critic(generator(torch.randn(4, 4))).square().sum().backward()
    for name, parameter in itertools.chain(generator.named_parameters(), critic.named_parameters()):
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name


def test_an_unknown_family_is_refused() -> None:
    for build in (build_generator, build_critic):
        with pytest.raises(UserError, match="'stylegan' is unknown"):
            build(ModelConfig(family="stylegan"))
