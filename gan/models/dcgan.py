"""DCGAN generator and critic (Radford, Metz & Chintala 2015, arXiv 1511.06434).

Followed: fractionally strided convolutions and no pooling, batch normalisation and ReLU in the generator, tanh at its
end; strided convolutions and LeakyReLU(0.2) in the critic; N(0, 0.02) initial weights. Different: the critic ends in a
plain number (a Wasserstein critic is no classifier, and the non-saturating loss takes logits), and the generator may
resize and convolve instead (``upsampling``).
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from gan.config import ModelConfig, Norm
from gan.models.batch_norm import BatchNormOfParts
from gan.models.convolution import Double, DoubleToImage, Halve, Score

MAX_MULTIPLE = 8  # deepest layers hold at most 8 x width maps: without a cap 256 px would need 32 x


def _widths(config: ModelConfig) -> list[int]:
    """Feature maps from 4 x 4 up to half the picture's size, for example [8w, 4w, 2w, w] at 64 px."""
    stages = config.image_size.bit_length() - 3  # 64 px: 4, 8, 16, 32 -> 4 stages
    return [config.width * min(2**depth, MAX_MULTIPLE) for depth in reversed(range(stages))]


def generator_size_of_dcgan(config: ModelConfig) -> int:
    """Number of weights of the generator (normalisation left out)."""
    widths = [*_widths(config), config.channels]
    taps = 9 if config.upsampling == "resize" else 16
    return 16 * config.z_dim * widths[0] + sum(taps * before * after for before, after in pairwise(widths))


class ResizeConvolution(nn.Conv2d):
    """Twice the size by nearest neighbour, then a 3 x 3 convolution: each output pixel is covered by equally many
    inputs, so no chequerboard is built in (Odena, Dumoulin & Olah 2016, distill.pub/2016/deconv-checkerboard)."""

    def __init__(self, before: int, after: int, bias: bool = True) -> None:
        super().__init__(before, after, 3, padding=1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(nn.functional.interpolate(x, scale_factor=2, mode="nearest"))


class DCGANGenerator(nn.Module):
    """z (N, z_dim), standard normal -> pictures (N, channels, image_size, image_size) in [-1, 1]."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        widths, resize = _widths(config), config.upsampling == "resize"
        self.project = nn.Linear(config.z_dim, widths[0] * 16, bias=False)
        self.project_norm = nn.BatchNorm2d(widths[0])
        self.stages = nn.ModuleList(
            nn.Sequential(
                ResizeConvolution(before, after, bias=False) if resize else Double(before, after),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
            )
            for before, after in pairwise(widths)
        )
        last = ResizeConvolution if resize else DoubleToImage
        self.to_image = last(widths[-1], config.channels)
        self.apply(_initialise)

    def forward(self, z: Tensor) -> Tensor:
        x = self.project(z).view(-1, self.project_norm.num_features, 4, 4)  # (N, 8w, 4, 4)
        x = torch.relu(self.project_norm(x))
        for stage in self.stages:
            x = stage(x)  # (N, c / 2, 2h, 2w)
        return torch.tanh(self.to_image(x))


class DCGANCritic(nn.Module):
    """Pictures (N, channels, image_size, image_size) -> scores (N,), unbounded; no sigmoid."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        widths = _widths(config)[::-1]
        layers: list[nn.Module] = [Halve(config.channels, widths[0]), nn.LeakyReLU(0.2, inplace=True)]
        for before, after in pairwise(widths):
            layers += [Halve(before, after, bias=config.norm == "none")]
            layers += [*_critic_norm(config.norm, after), nn.LeakyReLU(0.2, inplace=True)]
        self.features = nn.Sequential(*layers)  # (N, 8w, 4, 4)
        self.score = Score(widths[-1])
        self.apply(_initialise)

    def forward(self, images: Tensor) -> Tensor:
        return self.score(self.features(images)).flatten()  # type: ignore[no-any-return]


def _critic_norm(norm: Norm, maps: int) -> list[nn.Module]:
    if norm == "batch":
        return [BatchNormOfParts(maps)]
    if norm == "layer":  # one group: normalised over channels and space of one sample, as WGAN-GP asks
        return [nn.GroupNorm(1, maps)]
    return []


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
