"""Forward-mode differentiation of plain convolutional networks, many directions at once.

``torch.func`` does the same for any network, but loads torch's compiler at the first call, which takes seconds and
holds up every other thread meanwhile. Here a tensor's first row is a point and every other row is a tangent at that
point (the rules are those of dual numbers), so that the network's own layers do the work in one batch: what is linear
they do to all rows alike, what is added goes to the first row only, and an activation scales tangents by its slope.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Rule = Callable[..., Tensor]


class _Rows(Tensor):
    """A tensor whose rows are a point and its tangents. Operations without a rule are refused."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            plain = [_plain(value) for value in args]
            if getattr(func, "__name__", "") == "__get__":  # an attribute: its device is asked for, or its dtype
                answer = func(*plain)
                if isinstance(answer, Tensor):
                    raise NotImplementedError("there is no rule for a tensor's attributes that are tensors")
                return answer
            answer = _rule(func, args)(*plain, **(kwargs or {}))
        if not isinstance(answer, Tensor):  # its size, for example
            return answer  # type: ignore[unreachable]
        if answer.ndim == 0 or len(answer) != len(args[0]):
            raise NotImplementedError(f"{func} does not keep one picture a row")
        return answer.as_subclass(_Rows)


def push_forward(network: nn.Module, at: Tensor, directions: Tensor) -> Tensor:
    """The derivatives of ``network`` (N, dim) -> (N, ...) at ``at`` (dim,) along ``directions`` (n, dim): (n, ...).

    Raises:
        NotImplementedError: the network does something that there is no rule for.
    """
    rows = torch.cat([at[None], directions]).as_subclass(_Rows)
    answer = network(rows)
    if not isinstance(answer, _Rows):
        raise NotImplementedError("the network left its tangents behind")
    return answer.as_subclass(Tensor)[1:]


def _plain(value: Any) -> Any:
    return value.as_subclass(Tensor) if isinstance(value, _Rows) else value


def _rule(func: Any, args: Any) -> Rule:
    rule = _RULES.get(func)
    if rule is None or not args or not isinstance(args[0], _Rows):
        raise NotImplementedError(f"there is no rule for {func}")
    if any(isinstance(value, _Rows) for value in args[1:]) and func not in _OF_TWO:
        raise NotImplementedError(f"there is no rule for {func} of two pictures")
    return rule


def _affine(func: Any) -> Rule:
    """A layer with weights, whose bias is for the point only."""

    def rule(x: Tensor, weight: Tensor, bias: Tensor | None = None, *args: Any, **kwargs: Any) -> Tensor:
        out: Tensor = func(x, weight, None, *args, **kwargs)
        if bias is not None:
            out[0] += bias.view(-1, *[1] * (out.ndim - 2))
        return out

    return rule


def _batch_norm(
    x: Tensor, mean: Tensor | None, variance: Tensor | None, weight: Tensor | None = None, bias: Tensor | None = None,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    if training or mean is None or variance is None:
        raise NotImplementedError("batch normalisation by the statistics of the batch")
    scale = torch.rsqrt(variance + eps) * (1 if weight is None else weight)
    shift = -mean * scale + (0 if bias is None else bias)
    shape = (-1, *[1] * (x.ndim - 2))
    out = x * scale.view(shape)
    out[0] += shift.view(shape)
    return out


def _relu(x: Tensor, inplace: bool = False) -> Tensor:
    return _times(x, x[:1] > 0, inplace)


def _relu_(x: Tensor) -> Tensor:
    return _relu(x, inplace=True)


def _leaky_relu(x: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    return _times(x, torch.where(x[:1] > 0, 1.0, negative_slope), inplace)


def _times(x: Tensor, slope: Tensor, inplace: bool) -> Tensor:
    return x.mul_(slope) if inplace else x * slope  # whoever works in place may go on with x, not with the answer


def _tanh(x: Tensor) -> Tensor:
    point = torch.tanh(x[:1])
    return torch.cat([point, x[1:] * (1 - point.square())])


def _sigmoid(x: Tensor) -> Tensor:
    point = torch.sigmoid(x[:1])
    return torch.cat([point, x[1:] * point * (1 - point)])


def _dropout(x: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    if training:
        raise NotImplementedError("dropout in training")
    return x


def _scaled(x: Tensor, factor: object) -> Tensor:
    if not isinstance(factor, int | float):
        raise NotImplementedError("a product with a tensor")
    return x * factor


def _shifted(sign: int) -> Rule:
    def rule(x: Tensor, other: Tensor | float) -> Tensor:
        if isinstance(other, Tensor):  # another picture: a sum is linear
            if other.shape != x.shape:
                raise NotImplementedError("a sum of different shapes")
            return x + sign * other
        out = x.clone()
        out[0] += sign * other
        return out

    return rule


def _item(x: Tensor, index: Any) -> Tensor:
    if not isinstance(index, tuple) or index[0] != slice(None):
        raise NotImplementedError("some rows only")
    return x[index]


_LINEAR: tuple[Any, ...] = (
    Tensor.view, Tensor.reshape, torch.reshape, Tensor.flatten, torch.flatten, Tensor.unflatten, Tensor.unsqueeze,
    torch.unsqueeze, Tensor.contiguous, F.interpolate, F.upsample, F.pixel_shuffle, torch.pixel_shuffle, F.avg_pool2d,
    Tensor.permute, Tensor.to,
)  # fmt: skip
_ASKING = (Tensor.size, Tensor.dim, Tensor.__len__, Tensor.is_floating_point, Tensor.is_contiguous, Tensor.numel)
_OF_TWO = frozenset({Tensor.add, torch.add, Tensor.__add__, Tensor.sub, torch.sub, Tensor.__sub__})
_RULES: dict[Any, Rule] = {
    **{func: func for func in (*_LINEAR, *_ASKING)},
    **{func: _affine(func) for func in (F.linear, torch.conv2d, F.conv2d, torch.conv_transpose2d, F.conv_transpose2d)},
    **dict.fromkeys((F.batch_norm, torch.batch_norm), _batch_norm),
    **dict.fromkeys((F.relu, torch.relu, Tensor.relu), _relu),
    **dict.fromkeys((F.relu_, torch.relu_, Tensor.relu_), _relu_),
    F.leaky_relu: _leaky_relu,
    **dict.fromkeys((F.tanh, torch.tanh, Tensor.tanh), _tanh),
    **dict.fromkeys((F.sigmoid, torch.sigmoid, Tensor.sigmoid), _sigmoid),
    F.dropout: _dropout,
    **dict.fromkeys((Tensor.mul, torch.mul, Tensor.__mul__, Tensor.__rmul__), _scaled),
    **dict.fromkeys((Tensor.add, torch.add, Tensor.__add__, Tensor.__radd__), _shifted(1)),
    **dict.fromkeys((Tensor.sub, torch.sub, Tensor.__sub__), _shifted(-1)),
    Tensor.__getitem__: _item,
}
