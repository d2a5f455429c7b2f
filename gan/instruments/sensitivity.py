"""Sensitivity: how much, and where, does each latent dimension change this picture?

The Jacobian J = dG/dz at one latent, a column for each dimension, by forward-mode differentiation: with few inputs and
many outputs that takes about as long as drawing one picture for each dimension, where backward mode would take a pass
for each pixel. Plain convolutional networks are differentiated by :mod:`gan.instruments.tangents`, others by torch, and
those without gradients (ONNX) by central differences.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan.errors import UserError
from gan.images import Floats
from gan.instruments import Tell, silent
from gan.instruments.folding import folded
from gan.instruments.tangents import push_forward
from gan.latent.draws import draw
from gan.rendering import one_thread

_FIRST, _MOST = 10, 50  # dimensions at once: fewer where they take long, and more than 50 is no faster
_CHUNK_S = 0.1  # what one chunk may take: between two of them a job can be ended
_DOUBLE_STEP, _SINGLE_STEP = 1e-4, 1e-3  # of central differences in float64 and float32: rounding against curvature
_REFUSALS = (RuntimeError, NotImplementedError, TypeError, AttributeError, ImportError, UserError)
"""What torch says of layers without a forward-mode rule, and what a network says that only takes float32."""
_PROBES = 16  # latents at which a dimension must change nothing to count as dead
_FAR = 3.0  # how far it is moved there
_DEAD = 1e-6  # of the liveliest dimension's sensitivity
_SAME = 1e-4  # of pictures in [-1, 1]: rounding depends on a picture's place in the batch; a step of 8 bits is 8e-3


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What each dimension does at one latent."""

    norms: Floats
    """(dim,) length of dG/dz_i over all pixels and channels, for pictures in [-1, 1]: how far the picture moves
    in pixel space for each unit that the dimension moves."""
    maps: Floats
    """(dim, H, W) length of dG/dz_i over the channels of each pixel: where it moves."""


@dataclass(frozen=True, eq=False)
class Dead:
    """Dimensions that do nothing."""

    mask: npt.NDArray[np.bool_]
    """(dim,) True where a dimension changes no picture."""
    exact: bool
    """Read from the weights of the first layer, so it holds everywhere; else it was tried out at some latents."""


class JacobianProbe:
    """Jacobians of one generator, which is prepared once.

    Args:
        generator: z (N, dim) -> (N, C, H, W); it is copied.
        dim: length of a latent.
    """

    def __init__(self, generator: nn.Module, dim: int) -> None:
        self.dim = dim
        self._network = folded(generator).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._double: nn.Module | None = None
        # the first that works for this network is kept
        self._ways: list[Callable[[Tensor, Tensor], Tensor]] = [
            self._by_rules, self._by_torch, self._in_double, self._in_single
        ]  # fmt: skip
        self._chunk = _FIRST

    def jacobian(self, z: Floats, tell: Tell = silent) -> Tensor:
        """(dim,) -> J (dim, C, H, W). Forward mode, or central differences where a layer does not support it.

        Raises:
            UserError: the network answers with NaN or infinity, or cannot be measured.
        """
        return torch.cat(list(self._columns(z, tell)))

    def sensitivity(
        self, z: Floats, tell: Tell = silent, *, side: int = 0, found: Callable[[float, Floats], object] | None = None
    ) -> Sensitivity:
        """What each dimension does at ``z`` (dim,).

        Args:
            side: maps larger than this are averaged down to it, which saves much memory; 0 keeps them as they are.
            found: is told the share done and the norms so far, (dim,) with NaN where they are still to come.

        Raises:
            UserError: see :meth:`jacobian`.
        """
        norms, maps = np.full(self.dim, np.nan, np.float32), []
        done = 0
        for columns in self._columns(z, tell):
            squares = columns.square().sum(1)  # (n, H, W)
            norms[done : done + len(squares)] = squares.sum((1, 2)).sqrt().numpy()
            maps.append(_at_most(squares, side).sqrt())
            done += len(squares)
            if found is not None:
                found(done / self.dim, norms.copy())
        return Sensitivity(norms, torch.cat(maps).numpy())

    def dead(self, tell: Tell = silent) -> Dead:
        """Which dimensions change no picture: where the generator begins with a linear layer, those whose column there
        is zero; otherwise those that showed no effect at a few latents, always the same."""
        first = first_layer(self._network, self.dim)
        if first is not None:
            lengths = first.square().sum(0).sqrt().numpy()
        else:
            lengths = self.sensitivity(draw(1, self.dim, seed=0)[0], side=1).norms
        suspects = lengths <= _DEAD * max(float(lengths.max()), 1e-30)
        # a layer may come first in the list and not in the network; gradients vanish where a picture is saturated
        return Dead(self._still(suspects, 2 if first is not None else _PROBES, tell), first is not None)

    def _still(self, suspects: npt.NDArray[np.bool_], probes: int, tell: Tell) -> npt.NDArray[np.bool_]:
        """Which of ``suspects`` (dim,) change no pixel at so many latents, however far they are moved."""
        still = suspects.copy()
        with one_thread(), torch.no_grad():
            for k, z in enumerate(torch.from_numpy(draw(probes, self.dim, seed=0))):
                for i in np.flatnonzero(still):
                    moved = z.repeat(3, 1)
                    moved[:2, i] = torch.tensor([-_FAR, _FAR])
                    pictures = self._network(moved)
                    still[i] = float((pictures[:2] - pictures[2]).abs().max()) <= _SAME
                    tell(k / probes)
        return still

    def _columns(self, z: Floats, tell: Tell) -> Iterator[Tensor]:
        """J in parts (n, C, H, W), as many columns at a time as take about :data:`_CHUNK_S`."""
        basis, start = torch.eye(self.dim), 0
        at = torch.tensor(z, dtype=torch.float32)
        while start < self.dim:
            began = time.perf_counter()
            part = self._measured(at, basis[start : start + self._chunk])
            spent = time.perf_counter() - began
            start += len(part)
            grown = len(part) * _CHUNK_S / max(spent, 1e-6)
            self._chunk = int(min(max(grown, 1), _MOST, 5 * self._chunk))
            tell(start / self.dim)
            yield part

    def _measured(self, at: Tensor, basis: Tensor) -> Tensor:
        while True:
            try:
                with one_thread(), torch.no_grad():
                    columns = self._ways[0](at, basis)
                break
            except _REFUSALS:
                if len(self._ways) == 1:
                    raise
                del self._ways[0]
        if not bool(torch.isfinite(columns).all()):
            raise UserError("This picture cannot be measured: the network answers with NaN or infinity here.")
        return columns

    def _by_rules(self, at: Tensor, basis: Tensor) -> Tensor:
        return push_forward(self._network, at, basis)

    def _by_torch(self, at: Tensor, basis: Tensor) -> Tensor:
        from torch.func import jvp, vmap  # with them comes torch's compiler, at the first call: seconds

        def picture(z: Tensor) -> Tensor:
            return self._network(z[None])[0]  # type: ignore[no-any-return]

        columns: Tensor = vmap(lambda direction: jvp(picture, (at,), (direction,))[1])(basis)
        return columns

    def _in_double(self, at: Tensor, basis: Tensor) -> Tensor:
        if self._double is None:
            if next(self._network.parameters(), None) is None:
                raise NotImplementedError("a network without torch's weights cannot be made more precise")
            self._double = copy.deepcopy(self._network).double()
        return _differences(self._double, at.double(), basis.double(), _DOUBLE_STEP)

    def _in_single(self, at: Tensor, basis: Tensor) -> Tensor:
        return _differences(self._network, at, basis, _SINGLE_STEP)


def _differences(network: nn.Module, at: Tensor, basis: Tensor, step: float) -> Tensor:
    """Central differences. Larger steps with a better formula would lose more at the kinks of ReLU."""
    return ((network(at + step * basis) - network(at - step * basis)) / (2 * step)).float()  # type: ignore[no-any-return]


def _at_most(squares: Tensor, side: int) -> Tensor:
    """Maps (n, H, W), averaged down to at most ``side`` pixels; 0 leaves them."""
    if not side or max(squares.shape[1:]) <= side:
        return squares
    return F.adaptive_avg_pool2d(squares[:, None], side)[:, 0]


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
