"""Picture to latent: which latent draws (nearly) this picture?

Adam from several starts at once, in one batch; after a third of the steps the worse half of them is dropped. The loss
is the pixels' mean square error at the picture's size and at two coarser ones, whose wide view leads the first steps,
and, where there is a critic, that of its early features, which see edges and not only colours. A weak pull keeps |z|
near the shell sqrt(d) where latents live, and fades out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from gan.images import Bytes, Floats, to_float
from gan.latent.draws import draw
from gan.rendering import one_thread

RESTARTS, STEPS = 8, 300
_RATE, _FINAL_RATE = 0.1, 0.005  # Adam's step at the beginning and at the end
_FEATURES_WEIGHT = 0.02
_SHELL_WEIGHT = 0.02


@dataclass(frozen=True, eq=False)
class Projection:
    """The best latent so far."""

    z: Floats
    """(dim,)"""
    mse: float
    """Mean square error of its picture, for pictures in 0 ... 1."""
    share: float
    """Of the steps that are done, 0 ... 1."""


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
) -> Projection:
    """Search for ``picture`` (H, W, C) uint8, of the generator's own size.

    Args:
        generator, critic: in eval mode on the processor; their weights are left alone.
        good_enough: stop at this mean square error.
        tell: told the best find after every step; it may raise to end the search.
    """
    target = torch.from_numpy(to_float(picture[np.newaxis]))
    wanted = _features(critic, target)
    with one_thread():
        z = torch.tensor(draw(restarts, dim, seed), requires_grad=True)
        optimiser = torch.optim.Adam([z], _RATE, (0.9, 0.99))
        best = Projection(z.detach()[0].numpy().copy(), float("inf"), 0.0)
        for step in range(steps):
            share = step / steps
            optimiser.param_groups[0]["lr"] = _FINAL_RATE + (_RATE - _FINAL_RATE) * 0.5 * (1 + np.cos(np.pi * share))
            images = generator(z)
            errors = (images - target).square().flatten(1).mean(1) / 4  # [-1, 1] to [0, 1]
            row = int(errors.argmin())
            value = float(errors[row].detach())
            if value < best.mse:
                best = Projection(z.detach()[row].numpy().copy(), value, share)
            tell(Projection(best.z, best.mse, (step + 1) / steps))
            if best.mse <= good_enough:
                break
            loss = errors + _coarse(images, target) + _SHELL_WEIGHT * (1 - share) * _off_shell(z)
            if critic is not None:
                loss = loss + _FEATURES_WEIGHT * _feature_error(_features(critic, images), wanted)
            (z.grad,) = torch.autograd.grad(loss.sum(), z)
            optimiser.step()
            if step == steps // 3 and len(z) > 1:
                z, optimiser = _drop_worse(z, optimiser, errors.detach())
    return Projection(best.z, best.mse, 1.0)


def _drop_worse(z: Tensor, optimiser: torch.optim.Adam, errors: Tensor) -> tuple[Tensor, torch.optim.Adam]:
    """The better half, with what Adam knows of it."""
    keep = errors.argsort()[: max(1, len(z) // 2)]
    kept = z.detach()[keep].requires_grad_(True)
    state = optimiser.state[z]
    after = torch.optim.Adam([kept], _RATE, (0.9, 0.99))
    after.state[kept] = {name: value[keep].clone() if value.ndim else value for name, value in state.items()}
    return kept, after


def _coarse(images: Tensor, target: Tensor) -> Tensor:
    """Mean square errors (N,) at a quarter and an eighth of the size."""
    total = torch.zeros(len(images))
    for factor in (4, 8):
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
