"""Picture to latent: which latent draws (nearly) this picture?

Adam from several starts at once; after a third of the steps the worse half of them is dropped. The loss is the pixels'
mean square error at the picture's size and at two coarser ones, whose wide view leads the first steps, and, where there
is a critic, that of its early features, which see edges and not only colours. A weak pull keeps |z| near the shell
sqrt(d) where latents live, and fades out. (Zhu et al. 2016, arXiv 1609.03552, and Abdal et al. 2019, arXiv 1904.03189,
search in the same way, with features of networks that would have to be downloaded.)
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from gan.errors import UserError
from gan.images import Bytes, Floats, to_float
from gan.latent.draws import draw
from gan.rendering import one_thread

RESTARTS, STEPS = 8, 400
_RATE, _FINAL_RATE = 0.1, 0.005  # Adam's step at the beginning and at the end
_BETAS = 0.9, 0.99
_FEATURES_WEIGHT = 0.02
_SHELL_WEIGHT = 0.02
_PIXELS_AT_ONCE = 8 * 64 * 64  # of all pictures of a batch: after so many somebody may have had enough


@dataclass(frozen=True, eq=False)
class Projection:
    """A latent that was found."""

    z: Floats
    """(dim,)"""
    mse: float
    """Mean square error of its picture, for pictures in 0 ... 1."""
    share: float
    """Of the search that is done, 0 ... 1."""


def project(
    generator: nn.Module,
    picture: Bytes,
    dim: int,
    critic: nn.Module | None = None,
    restarts: int = RESTARTS,
    steps: int = STEPS,
    seed: int = 0,
    good_enough: float = 0.0,
    tell: Callable[[Projection], None] = lambda _found: None,
) -> tuple[Projection, ...]:
    """Search for ``picture`` (H, W, C) uint8, of the generator's own size.

    Args:
        generator, critic: in eval mode on the processor; their weights are left alone.
        restarts: latents to start from.
        good_enough: stop at this mean square error.
        tell: told the best find many times; it may raise to end the search.

    Returns:
        what each start led to, the best first.

    Raises:
        UserError: the generator gives no gradients.
    """
    target = torch.from_numpy(to_float(picture[np.newaxis]))
    critic = copy.deepcopy(critic)  # hooks on the one that others use meanwhile would catch their pictures
    wanted = _features(critic, target)
    at_once = max(1, min(8, _PIXELS_AT_ONCE // max(1, target.shape[-1] * target.shape[-2])))
    with one_thread():
        z = torch.tensor(draw(restarts, dim, seed))
        starts = np.arange(restarts)  # which of them is in which row
        best = _Best(z.numpy().copy())
        adam = _Adam(torch.zeros_like(z), torch.zeros_like(z))
        for step in range(steps):
            share = step / steps
            rate = _FINAL_RATE + (_RATE - _FINAL_RATE) * 0.5 * (1 + float(np.cos(np.pi * share)))
            errors: list[Tensor] = []
            gradients: list[Tensor] = []
            for rows in torch.split(torch.arange(len(z)), at_once):
                part = z[rows].requires_grad_(True)
                images = generator(part)
                if not images.requires_grad:
                    raise UserError(
                        "This model tells no gradients, so no picture can be searched for.",
                        "ONNX files never do; the same model as a PyTorch checkpoint does.",
                    )
                error = (images - target).square().flatten(1).mean(1) / 4  # [-1, 1] to [0, 1]
                loss = error + _coarse(images, target) + _SHELL_WEIGHT * (1 - share) * _off_shell(part)
                if wanted:
                    loss = loss + _FEATURES_WEIGHT * _feature_error(_features(critic, images), wanted)
                gradients += torch.autograd.grad(loss.sum(), part)
                errors.append(error.detach())
                best.note(starts[rows.numpy()], part.detach().numpy(), errors[-1].numpy())
                tell(best.first(share))
            if best.mse.min() <= good_enough:
                break
            z = z - rate * adam.direction(torch.cat(gradients))
            if step == steps // 3 and len(z) > 1:
                keep = torch.cat(errors).argsort()[: max(1, len(z) // 2)]
                z, adam = z[keep], adam.of(keep)
                starts = starts[keep.numpy()]
        tell(best.first(1.0))
    return best.all()


@dataclass
class _Best:
    """The best that each start has led to."""

    z: Floats
    """(n, dim)"""
    mse: npt.NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.mse = np.full(len(self.z), np.inf)

    def note(self, rows: npt.NDArray[np.int_], z: Floats, mse: Floats) -> None:
        better = mse < self.mse[rows]
        self.z[rows[better]], self.mse[rows[better]] = z[better], mse[better]

    def first(self, share: float) -> Projection:
        row = int(self.mse.argmin())
        return Projection(self.z[row].copy(), float(self.mse[row]), share)

    def all(self) -> tuple[Projection, ...]:
        order = np.argsort(self.mse, kind="stable")
        return tuple(Projection(self.z[row].copy(), float(self.mse[row]), 1.0) for row in order)


@dataclass
class _Adam:
    """Adam (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1) for rows of which some may be dropped.

    The first optimiser of PyTorch that a program makes takes more than a second of imports, in which nobody can cancel.
    """

    first: Tensor
    second: Tensor
    steps: int = 0

    def direction(self, gradient: Tensor) -> Tensor:
        """What to go along, times the rate."""
        self.steps += 1
        self.first = torch.lerp(self.first, gradient, 1 - _BETAS[0])
        self.second = torch.lerp(self.second, gradient.square(), 1 - _BETAS[1])
        first, second = (m / (1 - b**self.steps) for m, b in zip((self.first, self.second), _BETAS, strict=True))
        return first / (second.sqrt() + 1e-8)

    def of(self, rows: Tensor) -> _Adam:
        """What it knows of some ``rows``."""
        return _Adam(self.first[rows], self.second[rows], self.steps)


def _coarse(images: Tensor, target: Tensor) -> Tensor:
    """Mean square errors (N,) at a quarter and an eighth of the size."""
    total = torch.zeros(len(images))
    for factor in (4, 8):
        if min(images.shape[-2:]) >= factor:
            small, wanted = functional.avg_pool2d(images, factor), functional.avg_pool2d(target, factor)
            total = total + (small - wanted).square().flatten(1).mean(1) / 4
    return total


def _off_shell(z: Tensor) -> Tensor:
    """(N,) squared distance of |z| / sqrt(d) from 1."""
    return (z.square().mean(1).sqrt() - 1).square()


def _features(critic: nn.Module | None, images: Tensor) -> list[Tensor]:
    """What the critic's first two activation functions answer."""
    if critic is None:
        return []
    caught: list[Tensor] = []
    early = [part for part in critic.modules() if isinstance(part, nn.LeakyReLU | nn.ReLU)][:2]
    hooks = [part.register_forward_hook(lambda _m, _i, output: caught.append(output)) for part in early]
    try:
        critic(images)
    finally:
        for hook in hooks:
            hook.remove()
    return caught


def _feature_error(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """(N,) mean square error of each layer as a share of the wanted features' own mean square."""
    errors = [
        (f - w).square().flatten(1).mean(1) / w.square().mean().clamp_min(1e-12)
        for f, w in zip(found, wanted, strict=True)
    ]
    return torch.stack(errors).mean(0)
