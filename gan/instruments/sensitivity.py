"""Sensitivity: how much, and where, does each latent dimension change this picture?

The Jacobian J = dG/dz at one latent, a column for each dimension, by forward-mode differentiation: with few inputs and
many outputs that takes about as long as drawing one picture for each dimension, where backward mode would take a pass
for each pixel.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.func import jvp, vmap

from gan.images import Floats
from gan.instruments import Tell, silent
from gan.instruments.folding import folded
from gan.latent.draws import draw
from gan.rendering import one_thread

_CHUNK = 50  # dimensions at once: more is no faster and takes more memory
_STEP = 1e-4  # of central differences, in float64
_PROBES = 16  # latents at which a dimension must change nothing to count as dead
_DEAD = 1e-6  # of the liveliest dimension's sensitivity


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What each dimension does at one latent."""

    norms: Floats
    """(dim,) length of dG/dz_i over all pixels and channels, for pictures in [-1, 1]: how far the picture moves
    in pixel space for each unit that the dimension moves."""
    maps: Floats
    """(dim, H, W) length of dG/dz_i over the channels of each pixel: where it moves."""


class JacobianProbe:
    """Jacobians of one generator, which is prepared once.

    Args:
        generator: z (N, dim) -> (N, C, H, W); it is copied.
        dim: length of a latent.
    """

    def __init__(self, generator: nn.Module, dim: int) -> None:
        self.dim = dim
        self._network = folded(generator).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._forward_mode = True
        self._double: nn.Module | None = None

    def jacobian(self, z: Floats, tell: Tell = silent) -> Tensor:
        """(dim,) -> J (dim, C, H, W). Forward mode, or central differences where a layer does not support it."""
        with one_thread(), torch.no_grad():
            at = torch.tensor(z, dtype=torch.float32)
            if self._forward_mode:
                try:
                    return self._columns(lambda basis: self._forward(at, basis), tell)
                except (RuntimeError, NotImplementedError):  # what torch says of layers without a forward-mode rule
                    self._forward_mode = False
            return self._columns(lambda basis: self._differences(at, basis), tell)

    def sensitivity(self, z: Floats, tell: Tell = silent) -> Sensitivity:
        """What each dimension does at ``z`` (dim,)."""
        squares = self.jacobian(z, tell).square()
        return Sensitivity(squares.sum((1, 2, 3)).sqrt().numpy(), squares.sum(1).sqrt().numpy())

    def dead(self, tell: Tell = silent) -> npt.NDArray[np.bool_]:
        """(dim,) True where a dimension changes no picture. Exact where the generator begins with a linear layer: its
        column there is zero. Otherwise sampled at a few latents, always the same."""
        first = first_layer(self._network, self.dim)
        if first is not None:
            lengths = first.square().sum(0).sqrt().numpy()
        else:
            rows = []
            for index, z in enumerate(draw(_PROBES, self.dim, seed=0)):
                rows.append(self.sensitivity(z).norms)
                tell((index + 1) / _PROBES)
            lengths = np.max(rows, axis=0)
        silent_ones: npt.NDArray[np.bool_] = lengths <= _DEAD * max(float(lengths.max()), 1e-30)
        return silent_ones

    def _forward(self, at: Tensor, basis: Tensor) -> Tensor:
        def picture(z: Tensor) -> Tensor:
            return self._network(z[None])[0]  # type: ignore[no-any-return]

        columns: Tensor = vmap(lambda direction: jvp(picture, (at,), (direction,))[1])(basis)
        return columns

    def _differences(self, at: Tensor, basis: Tensor) -> Tensor:
        if self._double is None:
            self._double = copy.deepcopy(self._network).double()
        centre, steps = at.double(), _STEP * basis.double()
        above, below = self._double(centre + steps), self._double(centre - steps)
        return ((above - below) / (2 * _STEP)).float()  # type: ignore[no-any-return]

    def _columns(self, column: Callable[[Tensor], Tensor], tell: Tell) -> Tensor:
        parts, basis = [], torch.eye(self.dim)
        for start in range(0, self.dim, _CHUNK):
            parts.append(column(basis[start : start + _CHUNK]))
            tell(min(1.0, (start + _CHUNK) / self.dim))
        return torch.cat(parts)


def first_layer(network: nn.Module, dim: int) -> Tensor | None:
    """The weights (units, dim) of the linear layer that takes the latent, or None where the network begins otherwise.

    A transposed convolution on a 1 x 1 picture is linear in the latent, too.
    """
    for part in network.modules():
        if isinstance(part, nn.Linear):
            return part.weight.detach().float() if part.in_features == dim else None
        if isinstance(part, nn.ConvTranspose2d):
            whole = part.in_channels == dim and part.groups == 1
            return part.weight.detach().float().flatten(1).t() if whole else None
        if isinstance(part, nn.Conv2d | nn.Embedding):
            return None
    return None
