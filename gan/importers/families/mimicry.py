"""The ResNet generators of kwotsin/mimicry: DCGAN, SNGAN, WGAN-GP, SSGAN and InfoMax-GAN share one, of 32 to 128 px.

Source: torch_mimicry/nets/sngan/sngan_32.py ... and torch_mimicry/modules/resblocks.py (``GBlock``). z -> linear ->
maps of 4 x 4 (6 x 6 for 48 px) -> blocks of BN, ReLU, doubling, conv, BN, ReLU, conv, each beside a doubled 1 x 1
convolution -> BN, ReLU, conv, tanh. Traps: doubling is bilinear (align_corners off), which no weight tells; and
dcgan_cifar.py is dcgan_32.py with a sigmoid, pictures in 0..1 and the very same weights: it has to be chosen.
"""

from __future__ import annotations

import re
from itertools import pairwise

from gan.errors import UserError
from gan.importers.families.base import Plan, State, square_root
from gan.importers.layers import MAX_WORK, Shape

KIND = "mimicry"


def recognise(state: State) -> Plan | None:
    """The plan, or None if this is something else."""
    if not state.has("l1.weight", "block2.c1.weight", "block2.c_sc.weight"):
        return None
    if any(".embed." in name for name in state.tensors):
        return None  # normalisation by labels
    numbers = sorted({int(match[1]) for name in state.tensors if (match := re.match(r"block(\d+)\.", name))})
    last = numbers[-1] + 1
    if numbers != list(range(2, last)) or not state.has(f"c{last}.weight", f"b{last}.weight"):
        return None
    widths = [shape[1] for n in numbers if len(shape := state.shape(f"block{n}.c1.weight")) == 4]
    start, end = state.shape("l1.weight"), state.shape(f"c{last}.weight")
    if len(start) != 2 or len(end) != 4 or len(widths) != len(numbers) or not widths[0]:
        return None
    bottom = square_root(start[0] // widths[0])
    if not bottom or bottom > 16 or len(widths) > 6:
        return None
    widths.append(end[1])
    architecture = {"kind": KIND, "widths": widths, "bottom": bottom, "channels": end[0], "activation": "tanh"}
    size = bottom * 2 ** len(numbers)
    if sum(9 * (a + b) * b * (bottom * 2**n) ** 2 for n, (a, b) in enumerate(pairwise(widths), start=1)) > MAX_WORK:
        raise UserError("The model is so large that a picture would take minutes.")
    weights = weights_of(widths, bottom, end[0], start[1])
    return Plan("mimicry-resnet", "mimicry (kwotsin)", architecture, weights, start[1], size, end[0], widths[-1])


def weights_of(widths: list[int], bottom: int, channels: int, z_dim: int) -> dict[str, Shape]:
    """Names and shapes of the network's weights."""
    found: dict[str, Shape] = {"l1.weight": (widths[0] * bottom**2, z_dim), "l1.bias": (widths[0] * bottom**2,)}

    def norm(name: str, features: int) -> None:
        for kind in ("weight", "bias", "running_mean", "running_var"):
            found[f"{name}.{kind}"] = (features,)

    def conv(name: str, before: int, after: int, kernel: int) -> None:
        found[f"{name}.weight"] = (after, before, kernel, kernel)
        found[f"{name}.bias"] = (after,)

    for number, (before, after) in enumerate(pairwise(widths), start=2):
        norm(f"block{number}.b1", before)
        conv(f"block{number}.c1", before, after, 3)
        norm(f"block{number}.b2", after)
        conv(f"block{number}.c2", after, after, 3)
        conv(f"block{number}.c_sc", before, after, 1)
    norm(f"b{len(widths) + 1}", widths[-1])
    conv(f"c{len(widths) + 1}", widths[-1], channels, 3)
    return found
