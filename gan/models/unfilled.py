"""Networks whose weights are about to be read from a file: no random ones are drawn only to be overwritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import init
from torch.overrides import TorchFunctionMode

_FILLS = frozenset(
    {
        Tensor.normal_, Tensor.uniform_, init.normal_, init.uniform_, init.trunc_normal_, init.orthogonal_,
        init.kaiming_normal_, init.kaiming_uniform_, init.xavier_normal_, init.xavier_uniform_,
    }
)  # fmt: skip


class Unfilled(TorchFunctionMode):
    """While it is entered, in this thread only, tensors are not filled with random numbers: they keep whatever their
    memory held.

    Torch's own ``skip_init`` and its device *meta* would do as well; but the first random number on *meta* imports a
    compiler's worth of modules, a second of the start.
    """

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        given = kwargs or {}
        if function in _FILLS:
            return args[0] if args else given["tensor"]
        return function(*args, **given)
