"""Could this network have been trained as it was rebuilt? Its batch normalisation remembers what went through it.

Training stores the mean and variance of what each normalisation was given. Random latents through the rebuilt network
must give about the same; where an activation, an eps or an upsampling was guessed wrongly they do not. (Nothing can be
said about what comes after the last normalisation.)

Opening a file must not wait long for it: of a layer that is looked at a chain computes only some features, and all only
where it goes on to the next layer and there is work left to spend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan.importers.chain import Chain
from gan.latent.draws import draw

CONVERGED = 50
"""Training batches after which running statistics (momentum 0.1, from 0 and 1) have less than 1 % left of the start."""
MEAN_LIMIT, SPREAD_LIMIT = 0.35, 0.12
"""Deviations above which the network was not trained like this; docs/importing.md has what was measured."""
_LATENTS = 32
_FEWEST, _SOME = 8, 24
"""Features: fewer are too few for a median, more say no more."""
_WORK = 500_000_000
"""Multiplications to spend."""
_HEAVY = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


@dataclass(frozen=True)
class Deviation:
    """How far one normalisation's input is from what it remembers."""

    name: str
    mean: float
    """Median over features of the distance of the means, in standard deviations."""
    spread: float
    """Median over features of the distance of the standard deviations, as a natural logarithm."""
    square: float
    """Mean over features of both distances squared, each at most 1: it tells two guesses apart better than medians,
    which chance alone moves as much in narrow networks."""

    @property
    def is_wrong(self) -> bool:
        """Whether this cannot be what it was trained with."""
        return self.mean > MEAN_LIMIT or self.spread > SPREAD_LIMIT


def has_learnt_statistics(network: nn.Module) -> bool:
    """Whether any normalisation has seen a picture: at the start means are 0 and variances 1."""
    known = [_known(module) for module in network.modules() if isinstance(module, _NORMS)]
    return not known or any(bool((mean != 0).any() or (variance != 1).any()) for mean, variance in known)


def deviations(network: nn.Module, z_dim: int) -> list[Deviation]:
    """One for every normalisation whose statistics have converged, in the order in which they run, as far as work goes.

    Args:
        network: in eval mode, float32, on the processor.
    """
    names: dict[nn.Module, str] = {}
    for name, module in network.named_modules():
        if isinstance(module, _NORMS) and _tells(module):
            names[module] = name
    if not names:
        return []
    latents = torch.from_numpy(draw(_LATENTS, z_dim, seed=0))
    with torch.inference_mode():
        return _along(network, latents, names) if isinstance(network, Chain) else _within(network, latents, names)


def misfit(found: Sequence[Deviation]) -> float:
    """One number for how badly activations between normalisations fit: the first one comes before any of them."""
    return sum(item.square for item in found[1:]) / max(1, len(found) - 1)


def _along(chain: Chain, x: Tensor, names: dict[nn.Module, str]) -> list[Deviation]:
    """Step by step, some features of each layer first."""
    seen: list[Deviation] = []
    left = _WORK
    for step, following in pairwise(chain.steps):
        if isinstance(step, _HEAVY):
            if isinstance(following, _NORMS) and following in names:
                seen.append(_deviation(names[following], following, _some_of(step, x)))
            left -= _work_of(step, x)
            if left < 0 or len(seen) == len(names):
                break
        elif isinstance(step, _NORMS) and step in names and names[step] not in {item.name for item in seen}:
            seen.append(_deviation(names[step], step, x[:, :_SOME]))
        x = step(x)
    return seen


def _some_of(module: nn.Module, x: Tensor) -> Tensor:
    """The first features of what ``module`` makes of ``x``."""
    if isinstance(module, nn.ConvTranspose2d):
        bias = None if module.bias is None else module.bias[:_SOME]
        assert not isinstance(module.padding, str)
        weight = module.weight[:, :_SOME]
        return F.conv_transpose2d(x, weight, bias, module.stride, module.padding, module.output_padding)
    assert isinstance(module, nn.Linear | nn.Conv2d)
    bias = None if module.bias is None else module.bias[:_SOME]
    if isinstance(module, nn.Linear):
        return F.linear(x, module.weight[:_SOME], bias)
    return F.conv2d(x, module.weight[:_SOME], bias, module.stride, module.padding)


class _EnoughError(Exception):
    """The work that may be spent is spent."""


def _within(network: nn.Module, latents: Tensor, names: dict[nn.Module, str]) -> list[Deviation]:
    """By watching the normalisations of a network whose order only its own code knows."""
    seen: list[Deviation] = []
    left = 2 * _WORK

    def spend(module: nn.Module, given: tuple[Any, ...]) -> None:
        nonlocal left
        left -= _work_of(module, given[0])
        if left < 0 or len(seen) == len(names):
            raise _EnoughError

    def look(name: str) -> Callable[[nn.Module, tuple[Any, ...]], None]:
        return lambda module, given: seen.append(_deviation(name, module, given[0]))

    hooks = [module.register_forward_pre_hook(spend) for module in network.modules() if isinstance(module, _HEAVY)]
    hooks += [module.register_forward_pre_hook(look(name)) for module, name in names.items()]
    try:
        network(latents)
    except _EnoughError:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def _deviation(name: str, norm: nn.Module, x: Tensor) -> Deviation:
    x = x.transpose(0, 1).flatten(1)  # (features, everything else)
    mean, variance = (item[: len(x)] for item in _known(norm))
    usual = variance.sqrt().clamp_min(1e-8)
    apart = ((x.mean(1) - mean) / usual).abs()
    spread = (x.std(1).clamp_min(1e-8) / usual).log().abs()
    square = (apart.clamp_max(1) ** 2 + spread.clamp_max(1) ** 2).mean()
    return Deviation(name, float(apart.median()), float(spread.median()), float(square))


def _work_of(module: nn.Module, x: Tensor) -> int:
    """Multiplications of ``module`` for ``x``; of convolutions with stride 1, or transposed ones, or matrices."""
    weight = module.weight
    assert isinstance(weight, Tensor)
    return len(x) * weight.numel() * (x.shape[-1] * x.shape[-2] if x.dim() == 4 else 1)


def _known(norm: nn.Module) -> tuple[Tensor, Tensor]:
    mean, variance = norm.running_mean, norm.running_var
    assert isinstance(mean, Tensor) and isinstance(variance, Tensor)
    return mean, variance


def _tells(norm: nn.Module) -> bool:
    """Whether its statistics have converged, and are enough."""
    count = norm.num_batches_tracked
    return isinstance(count, Tensor) and int(count) >= CONVERGED and len(_known(norm)[0]) >= _FEWEST
