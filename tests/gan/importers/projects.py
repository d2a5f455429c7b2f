"""The generators of other projects, written anew from their published layouts: names, shapes, forward.

They stand beside the importer's own versions on purpose: these are plain modules in the projects' own structure, and
the importer must find the same pictures from their weights alone.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Under(nn.Module):
    """A network under one name, with a picture's shape for flat answers."""

    def __init__(self, name: str, network: nn.Module, shape: tuple[int, ...] = (), spatial: bool = False) -> None:
        super().__init__()
        self.add_module(name, network)
        self._name, self._shape, self._spatial = name, shape, spatial

    def forward(self, z: Tensor) -> Tensor:
        x = self.get_submodule(self._name)(z[:, :, None, None] if self._spatial else z)
        return x.view(len(x), *self._shape) if self._shape else x


def wgan_dcgan(size: int, channels: int, extra: int = 0, *, norm: bool = True, mark: str = ":") -> nn.Module:
    """WassersteinGAN's DCGAN_G and DCGAN_G_nobn; z 5, ngf 4."""
    maps, parts = 4 * (size // 8), OrderedDict[str, nn.Module]()

    def put(name: str, layer: nn.Module) -> None:
        parts[name.replace(":", mark)] = layer

    put(f"initial:5-{maps}:convt", nn.ConvTranspose2d(5, maps, 4, 1, 0, bias=False))
    if norm:
        put(f"initial:{maps}:batchnorm", nn.BatchNorm2d(maps))
    put(f"initial:{maps}:relu", nn.ReLU(True))
    now = 4
    while now < size // 2:
        put(f"pyramid:{maps}-{maps // 2}:convt", nn.ConvTranspose2d(maps, maps // 2, 4, 2, 1, bias=False))
        maps //= 2
        if norm:
            put(f"pyramid:{maps}:batchnorm", nn.BatchNorm2d(maps))
        put(f"pyramid:{maps}:relu", nn.ReLU(True))
        now *= 2
    for t in range(extra):
        put(f"extra-layers-{t}:{maps}:conv", nn.Conv2d(maps, maps, 3, 1, 1, bias=False))
        if norm:
            put(f"extra-layers-{t}:{maps}:batchnorm", nn.BatchNorm2d(maps))
        put(f"extra-layers-{t}:{maps}:relu", nn.ReLU(True))
    put(f"final:{maps}-{channels}:convt", nn.ConvTranspose2d(maps, channels, 4, 2, 1, bias=False))
    put(f"final:{channels}:tanh", nn.Tanh())
    if mark == ".":  # no module may be called with a point today: names from before PyTorch 0.4
        return Dotted(parts)
    return Under("main", nn.Sequential(parts), spatial=True)


class Dotted(nn.Module):
    """A Sequential whose names hold points, as the state dict of an old PyTorch has them."""

    def __init__(self, parts: OrderedDict[str, nn.Module]) -> None:
        super().__init__()
        self.inner, self._names = nn.Sequential(*parts.values()), list(parts)

    def forward(self, z: Tensor) -> Tensor:
        return self.inner(z[:, :, None, None])

    def state_dict(self, *args: object, **options: object) -> dict[str, Tensor]:
        found = {}
        for name, tensor in self.inner.state_dict().items():
            index, _, rest = name.partition(".")
            found[f"main.{self._names[int(index)]}.{rest}"] = tensor
        return found


def mlp_g(size: int, channels: int) -> nn.Module:
    """WassersteinGAN's MLP_G; z 5, ngf 8."""
    layers = [nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU()]
    return Under("main", nn.Sequential(*layers, nn.Linear(8, channels * size**2)), (channels, size, size))


class PytorchGanConvolutional(nn.Module):
    """PyTorch-GAN's dcgan (``first_norm``) and lsgan; z 5, 8 maps instead of 128. Early versions say ``conv_model``."""

    def __init__(self, size: int, channels: int, *, first_norm: bool, name: str = "conv_blocks") -> None:
        super().__init__()
        self.side = size // 4
        self.l1 = nn.Sequential(nn.Linear(5, 8 * self.side**2))
        layers: list[nn.Module] = [nn.BatchNorm2d(8)] if first_norm else []
        for before, after in ((8, 8), (8, 4)):
            layers += [nn.Upsample(scale_factor=2), nn.Conv2d(before, after, 3, padding=1)]
            layers += [nn.BatchNorm2d(after, 0.8), nn.LeakyReLU(0.2)]
        self._name = name
        self.add_module(name, nn.Sequential(*layers, nn.Conv2d(4, channels, 3, padding=1), nn.Tanh()))

    def forward(self, z: Tensor) -> Tensor:
        return self.get_submodule(self._name)(self.l1(z).view(len(z), 8, self.side, self.side))


def flat_pytorch_gan(size: int, channels: int, eps: float = 0.8) -> nn.Module:
    """PyTorch-GAN's wgan, wgan_gp, gan ...; z 5, narrow."""
    layers: list[nn.Module] = [nn.Linear(5, 6), nn.LeakyReLU(0.2)]
    for before, after in ((6, 8), (8, 10), (10, 12)):
        layers += [nn.Linear(before, after), nn.BatchNorm1d(after, eps), nn.LeakyReLU(0.2)]
    layers += [nn.Linear(12, channels * size**2), nn.Tanh()]
    return Under("model", nn.Sequential(*layers), (channels, size, size))


class CaogangCifar(nn.Module):
    """caogang/wgan-gp, gan_cifar10; z 5, DIM 2."""

    def __init__(self) -> None:
        super().__init__()
        self.preprocess = nn.Sequential(nn.Linear(5, 128), nn.BatchNorm1d(128), nn.ReLU())
        self.block1 = nn.Sequential(nn.ConvTranspose2d(8, 4, 2, stride=2), nn.BatchNorm2d(4), nn.ReLU())
        self.block2 = nn.Sequential(nn.ConvTranspose2d(4, 2, 2, stride=2), nn.BatchNorm2d(2), nn.ReLU())
        self.deconv_out = nn.ConvTranspose2d(2, 3, 2, stride=2)

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(self.deconv_out(self.block2(self.block1(self.preprocess(z).view(-1, 8, 4, 4)))))


class CaogangMnist(nn.Module):
    """caogang/wgan-gp, gan_mnist; z 5, DIM 2."""

    def __init__(self) -> None:
        super().__init__()
        self.block1 = nn.Sequential(nn.ConvTranspose2d(8, 4, 5), nn.ReLU())
        self.block2 = nn.Sequential(nn.ConvTranspose2d(4, 2, 5), nn.ReLU())
        self.deconv_out = nn.ConvTranspose2d(2, 1, 8, stride=2)
        self.preprocess = nn.Sequential(nn.Linear(5, 128), nn.ReLU())

    def forward(self, z: Tensor) -> Tensor:
        x = self.block1(self.preprocess(z).view(-1, 8, 4, 4))[:, :, :7, :7]
        return torch.sigmoid(self.deconv_out(self.block2(x)))


class GanZoo(nn.Module):
    """pytorch_GAN_zoo's DCGAN; z 5, dimG 2, depth 2: 32 px."""

    def __init__(self, activation: nn.Module | None = None) -> None:
        super().__init__()
        parts = OrderedDict[str, nn.Module](batchNorm0=nn.BatchNorm2d(8), relu0=nn.ReLU())
        for i, (before, after) in enumerate(((8, 4), (4, 2)), start=1):
            parts[f"convTranspose{i}"] = nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False)
            parts[f"batchNorm{i}"] = nn.BatchNorm2d(after)
            parts[f"relu{i}"] = nn.ReLU()
        parts["outlayer"] = nn.ConvTranspose2d(2, 3, 4, 2, 1, bias=False)
        self.main = nn.Sequential(parts)
        self.formatLayer = nn.ConvTranspose2d(5, 8, 4, 1, 0, bias=False)
        self.activation = activation or nn.Tanh()

    def forward(self, z: Tensor) -> Tensor:
        return self.activation(self.main(self.formatLayer(z[:, :, None, None])))


class MimicryBlock(nn.Module):
    """mimicry's GBlock."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(before, after, 3, padding=1), nn.Conv2d(after, after, 3, padding=1)
        self.b1, self.b2 = nn.BatchNorm2d(before), nn.BatchNorm2d(after)
        self.c_sc = nn.Conv2d(before, after, 1)

    def forward(self, x: Tensor) -> Tensor:
        def up(x: Tensor) -> Tensor:
            return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)

        h = self.c2(F.relu(self.b2(self.c1(up(F.relu(self.b1(x)))))))
        return h + self.c_sc(up(x))


class MimicryResNet(nn.Module):
    """mimicry's generators of 32, 48, 64 and 128 px; z 5."""

    def __init__(self, widths: list[int], bottom: int) -> None:
        super().__init__()
        self.bottom, self.count = bottom, len(widths)
        self.l1 = nn.Linear(5, widths[0] * bottom**2)
        for n in range(2, len(widths) + 1):
            self.add_module(f"block{n}", MimicryBlock(widths[n - 2], widths[n - 1]))
        self.add_module(f"b{self.count + 1}", nn.BatchNorm2d(widths[-1]))
        self.add_module(f"c{self.count + 1}", nn.Conv2d(widths[-1], 3, 3, padding=1))

    def forward(self, z: Tensor) -> Tensor:
        x = self.l1(z).view(len(z), -1, self.bottom, self.bottom)
        for n in range(2, self.count + 1):
            x = self.get_submodule(f"block{n}")(x)
        x = F.relu(self.get_submodule(f"b{self.count + 1}")(x))
        return torch.tanh(self.get_submodule(f"c{self.count + 1}")(x))
