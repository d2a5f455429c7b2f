"""Sliced Wasserstein distance between patches of a Laplacian pyramid (Karras et al. 2018, arXiv 1710.10196, section 5).

Each level of the pyramid holds one band of spatial frequencies, so the distance tells apart wrong detail (the level of
full size) and wrong composition (16 px). At every level a picture gives 128 random 7 x 7 patches, "descriptors"; each
set of descriptors is normalised to mean 0 and deviation 1 per colour channel. A shift of overall colour or contrast
is therefore not seen here; precision, recall and the Fréchet distance see it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from gan.images import Bytes, Floats
from gan.rendering import one_thread

SMALLEST = 16  # pixels of the coarsest level
PATCH = 7
PATCHES_PER_IMAGE = 128
DIRECTIONS = 256  # half of the paper's: unbiased, the standard error is 2.5 % of the distance, and half the time
SCALE = 1e3  # the paper's tables show 1000 times the distance
_BATCH = 64  # pictures filtered at once
_CHUNK = 64  # directions sorted at once: bounds memory to some 64 x descriptors floats
_BINOMIAL = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


def level_sizes(size: int) -> tuple[int, ...]:
    """Pixels of every level, for example (64, 32, 16) for pictures of 64 px.

    Raises:
        ValueError: ``size`` is not a power of two, or below 16.
    """
    if size < SMALLEST or size & (size - 1):
        raise ValueError(f"pictures must measure a power of two of at least {SMALLEST} px, not {size}")
    return tuple(size >> level for level in range(size.bit_length() - SMALLEST.bit_length() + 1))


def down(images: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, H/2, W/2): 5 x 5 binomial low-pass, then every second pixel."""
    return _blur(images, 1.0)[..., ::2, ::2]


def up(images: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, 2H, 2W): zeros between the pixels, then four times the same low-pass."""
    n, c, h, w = images.shape
    spread = images.new_zeros(n, c, 2 * h, 2 * w)
    spread[..., ::2, ::2] = images
    return _blur(spread, 4.0)


def laplacian_level(images: Tensor, level: int) -> Tensor:
    """One level of the pyramid: L_l = G_l - up(G_{l+1}), with G_0 the picture and G_{l+1} = down(G_l); the last is G.

    Args:
        images: (N, C, H, W), square, a power of two.
        level: 0 is full size.

    Returns:
        (N, C, H / 2**level, W / 2**level)
    """
    for _ in range(level):
        images = down(images)
    return images if images.shape[-1] <= SMALLEST else images - up(down(images))


def descriptors(images: Bytes, level: int, seed: int = 0) -> Floats:
    """Random 7 x 7 patches of one pyramid level, normalised per channel over the whole set.

    The places follow from the seed, the level and the picture's index alone: two sets are cut at the same places,
    which lowers the noise of their distance and makes it exactly 0 for equal sets.

    Args:
        images: (N, H, W, C).

    Returns:
        (128 N, 49 C) float32
    """
    n, size, _, channels = images.shape
    side = level_sizes(size)[level]
    places = np.random.default_rng([seed, level]).integers(0, side - PATCH + 1, (n, 2, PATCHES_PER_IMAGE))
    found = np.empty((n, PATCHES_PER_IMAGE, channels, PATCH, PATCH), np.float32)
    with one_thread():
        for start in range(0, n, _BATCH):
            batch = torch.from_numpy(images[start : start + _BATCH].transpose(0, 3, 1, 2).astype(np.float32))
            band = laplacian_level(batch, level).numpy()
            windows = np.lib.stride_tricks.sliding_window_view(band, (PATCH, PATCH), axis=(2, 3))  # (b, C, y, x, 7, 7)
            y, x = places[start : start + _BATCH].transpose(1, 0, 2)
            found[start : start + _BATCH] = windows[np.arange(len(band))[:, None], :, y, x]
    patches = found.reshape(-1, channels, PATCH * PATCH)
    normalise(patches)
    return patches.reshape(len(patches), -1)


def normalise(patches: Floats) -> None:
    """Give every channel of (M, C, P) mean 0 and deviation 1, in place; a constant channel becomes 0."""
    patches -= patches.mean(axis=(0, 2), keepdims=True, dtype=np.float64).astype(np.float32)
    variance = np.einsum("mcp,mcp->c", patches, patches, dtype=np.float64) / (len(patches) * patches.shape[2])
    patches /= np.maximum(np.sqrt(variance), 1e-6).astype(np.float32)[:, None]


def sliced_wasserstein(reference: Floats, others: Sequence[Floats], seed: int = 0) -> list[float]:
    """Mean 1-D Wasserstein distance over 256 random unit directions t: E_t mean_i |sort(a t)_i - sort(b t)_i|.

    Args:
        reference: (M, D).
        others: sets of the same shape; sorted values are compared rank by rank.
        seed: of the directions, which are the same for all ``others``.

    Returns:
        the distance of each of ``others`` to ``reference``

    Raises:
        ValueError: the shapes differ.
    """
    if any(other.shape != reference.shape for other in others):
        raise ValueError(f"every set must have the shape {reference.shape}, not {[other.shape for other in others]}")
    directions = np.random.default_rng(seed).standard_normal((DIRECTIONS, reference.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    sums = np.zeros(len(others))
    with one_thread():
        for start in range(0, DIRECTIONS, _CHUNK):
            chunk = torch.from_numpy(directions[start : start + _CHUNK].astype(np.float32))
            ranked = _ranked(reference, chunk)
            sums += [np.abs(_ranked(other, chunk) - ranked).sum(dtype=np.float64) for other in others]
    return [float(value) / (DIRECTIONS * len(reference)) for value in sums]


def swd(
    reference: Bytes, others: Sequence[Bytes], seed: int = 0, progress: Callable[[float], None] | None = None
) -> list[dict[int, float]]:
    """1000 times the sliced Wasserstein distance at every pyramid level.

    Args:
        reference: pictures (N, H, W, C), H = W a power of two from 16 up.
        others: sets of as many pictures of the same shape.
        progress: told the share that is done, up to 1.

    Returns:
        for each of ``others`` level size in pixels -> distance to ``reference``, for example {64: 12.1, 32: 9.0,
        16: 15.5}; symmetric, 0 for equal sets.

    Raises:
        ValueError: the shapes differ or do not fit a pyramid.
    """
    if reference.shape[1] != reference.shape[2] or any(other.shape != reference.shape for other in others):
        raise ValueError(f"every set must hold as many square pictures of one size as the first, {reference.shape}")
    sizes = level_sizes(reference.shape[1])
    found: list[dict[int, float]] = [{} for _ in others]
    for level, size in enumerate(sizes):
        sets = [descriptors(images, level, seed) for images in (reference, *others)]
        for distances, value in zip(found, sliced_wasserstein(sets[0], sets[1:], seed), strict=True):
            distances[size] = SCALE * value
        if progress is not None:
            progress((level + 1) / len(sizes))
    return found


def _blur(images: Tensor, gain: float) -> Tensor:
    channels = images.shape[1]
    kernel = (gain * torch.outer(_BINOMIAL, _BINOMIAL)).expand(channels, 1, 5, 5)
    return functional.conv2d(functional.pad(images, (2, 2, 2, 2), mode="reflect"), kernel, groups=channels)


def _ranked(points: Floats, directions: Tensor) -> Floats:
    """(M, D), (K, D) -> every projection in ascending order, (K, M)."""
    projected: Floats = (directions @ torch.from_numpy(points).T).numpy()
    projected.sort(axis=1)
    return projected
