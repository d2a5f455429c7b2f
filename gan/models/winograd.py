"""The critic's 4 x 4 convolution of stride 2 with 9 multiplications in place of 16 (Lavin & Gray 2015, 1509.09308).

Even and odd pixels of a picture are taken as channels of one half its size; then the convolution is one of 2 x 2 taps
and stride 1, and two neighbouring results of a row, y0 = w0 d0 + w1 d1 and y1 = w0 d1 + w1 d2, need three products:
(d0 - d1) w0, d1 (w0 + w1) and (d1 - d2) w1. The same along columns makes nine matrix products of all tiles at once.
Both gradients go the same way backwards.

The sums are those of the convolution. In bfloat16 the differences are rounded once more, so that a result is off by
0.6 % of its size instead of 0.2 %: little beside the noise of a batch, and for training only.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

_AT_ONCE = 1 << 19
"""Values that are transformed together: so few that what lies between two steps stays in the processor's cache."""


class Winograd(torch.autograd.Function):
    """x (N, before, 4t, 4s), weight (after, before, 4, 4), which may be of a wider type -> (N, after, 2t, 2s).

    Meant for channels-last tensors: others are re-ordered.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        tiles, taps = _tiles(x), _taps(weight, x.dtype)
        ctx.save_for_backward(tiles, taps)
        ctx.shape = x.shape
        return _results(torch.bmm(tiles, taps.transpose(1, 2)), x.shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        tiles, taps = ctx.saved_tensors
        products = _results_back(gradient)
        of_x = of_weight = None
        if ctx.needs_input_grad[0]:
            of_x = _tiles_back(torch.bmm(products, taps), ctx.shape)
        if ctx.needs_input_grad[1]:
            of_weight = _taps_back(torch.bmm(products.transpose(1, 2), tiles), ctx.shape[1])
        return of_x, of_weight


def _tiles(x: Tensor) -> Tensor:
    """What the nine products take from a picture: (9, N t s, 4 before)."""
    n, c, height, width = x.shape
    t, s = height // 4, width // 4
    pictures = x.permute(0, 2, 3, 1)
    tiles = x.new_empty(3, 3, n, t, s, 2, 2 * c)
    count = _pictures_at_once(x.shape)
    padded, rows = x.new_zeros(count, height + 2, width + 2, c), x.new_empty(3, count, t, 2, width + 2, c)
    for start in range(0, n, count):
        end = min(start + count, n)
        here, there = padded[: end - start], rows[:, : end - start]
        here[:, 1:-1, 1:-1].copy_(pictures[start:end])
        _differences(here.view(-1, 2 * t + 1, 2, width + 2, c), 1, there)
        out = tiles[:, :, start:end].permute(1, 0, 2, 3, 5, 4, 6)
        _differences(there.view(3, -1, t, 2, 2 * s + 1, 2 * c), 4, out)
    return tiles.view(9, n * t * s, 4 * c)


def _tiles_back(gradient: Tensor, shape: torch.Size) -> Tensor:
    """The transpose of :func:`_tiles`."""
    n, c, height, width = shape
    t, s = height // 4, width // 4
    columns = gradient.view(3, 3, n, t, s, 2, 2 * c)
    pictures = gradient.new_empty(n, height, width, c)
    count = _pictures_at_once(shape)
    rows = gradient.new_empty(3, count, t, 2, 2 * s + 1, 2 * c)
    padded = gradient.new_empty(count, 2 * t + 1, 2, width + 2, c)
    for start in range(0, n, count):
        end = min(start + count, n)
        here, there = padded[: end - start], rows[:, : end - start]
        _differences_back(columns[:, :, start:end].permute(1, 0, 2, 3, 5, 4, 6), 4, there)
        _differences_back(there.view(3, -1, t, 2, width + 2, c), 1, here)
        pictures[start:end].copy_(here.view(-1, height + 2, width + 2, c)[:, 1:-1, 1:-1])
    return pictures.permute(0, 3, 1, 2)


def _pictures_at_once(shape: torch.Size) -> int:
    return max(1, min(shape[0], _AT_ONCE // shape[1:].numel()))


def _differences(d: Tensor, dim: int, out: Tensor) -> None:
    """Of each d0, d1, d2, of which the next tile has d2 as its d0: d0 - d1, d1, d1 - d2."""
    t = d.shape[dim] // 2
    first, middle, last = _every_second(d, dim, 0, t), _every_second(d, dim, 1, t), _every_second(d, dim, 2, t)
    torch.sub(first, middle, out=out[0])
    out[1].copy_(middle)
    torch.sub(middle, last, out=out[2])


def _differences_back(gradient: Tensor, dim: int, out: Tensor) -> None:
    """The transpose of :func:`_differences`."""
    t, first, middle, last = out.shape[dim] // 2, *gradient
    out.select(dim, 0).copy_(first.select(dim, 0))
    inner = first.narrow(dim, 1, t - 1), last.narrow(dim, 0, t - 1)
    torch.sub(*inner, out=_every_second(out, dim, 2, t - 1))
    torch.neg(last.select(dim, t - 1), out=out.select(dim, 2 * t))
    between = _every_second(out, dim, 1, t)
    torch.sub(middle, first, out=between)
    between.add_(last)


def _every_second(x: Tensor, dim: int, first: int, count: int) -> Tensor:
    places = [slice(None)] * x.dim()
    places[dim] = slice(first, first + 2 * count - 1, 2)
    return x[tuple(places)]


def _taps(weight: Tensor, dtype: torch.dtype) -> Tensor:
    """What the nine products take from the weights, computed in their own type: (9, after, 4 before)."""
    after, before = weight.shape[:2]
    w = weight.permute(0, 2, 3, 1).reshape(after, 2, 2, 2, 2, before)  # tap and parity of the row, then of the column
    taps = torch.empty(3, 3, after, 2, 2, before, dtype=dtype, device=weight.device)
    for out, row in zip(taps, (w[:, 0], w[:, 0] + w[:, 1], w[:, 1]), strict=True):
        out[0].copy_(row[:, :, 0])
        out[1].copy_(row[:, :, 0] + row[:, :, 1])
        out[2].copy_(row[:, :, 1])
    return taps.view(9, after, 4 * before)


def _taps_back(gradient: Tensor, before: int) -> Tensor:
    """The transpose of :func:`_taps`, at least in float32."""
    after, wide = gradient.shape[1], torch.promote_types(gradient.dtype, torch.float32)
    d = gradient.view(3, 3, after, 2, 2, before)
    out = torch.empty(after, 2, 2, 2, 2, before, dtype=wide, device=gradient.device)
    for tap in (0, 1):  # of the column
        row = d[:, tap].to(wide).add_(d[:, tap + 1])
        torch.add(row[0], row[1], out=out[:, 0, :, tap])
        torch.add(row[1], row[2], out=out[:, 1, :, tap])
    return out.view(after, 4, 4, before).permute(0, 3, 1, 2)


def _results(products: Tensor, shape: torch.Size) -> Tensor:
    """Products (9, N t s, after) -> (N, after, 2t, 2s), channels-last."""
    n, t, s, after = shape[0], shape[2] // 4, shape[3] // 4, products.shape[2]
    p = products.view(3, 3, n, t, s, after)
    rows = p.new_empty(3, n, t, s, 2, after)
    torch.add(p[:, 0], p[:, 1], out=rows[..., 0, :])
    torch.sub(p[:, 1], p[:, 2], out=rows[..., 1, :])
    rows = rows.view(3, n, t, 2 * s, after)
    y = p.new_empty(n, t, 2, 2 * s, after)
    torch.add(rows[0], rows[1], out=y[:, :, 0])
    torch.sub(rows[1], rows[2], out=y[:, :, 1])
    return y.view(n, 2 * t, 2 * s, after).permute(0, 3, 1, 2)


def _results_back(gradient: Tensor) -> Tensor:
    """The transpose of :func:`_results`."""
    n, after, height, width = gradient.shape
    t, s = height // 2, width // 2
    y = gradient.permute(0, 2, 3, 1).reshape(n, t, 2, width, after)
    rows = gradient.new_empty(3, n, t, width, after)
    rows[0].copy_(y[:, :, 0])
    torch.add(y[:, :, 0], y[:, :, 1], out=rows[1])
    torch.neg(y[:, :, 1], out=rows[2])
    rows = rows.view(3, n, t, s, 2, after)
    p = gradient.new_empty(3, 3, n, t, s, after)
    p[:, 0].copy_(rows[..., 0, :])
    torch.add(rows[..., 0, :], rows[..., 1, :], out=p[:, 1])
    torch.neg(rows[..., 1, :], out=p[:, 2])
    return p.view(9, n * t * s, after)
