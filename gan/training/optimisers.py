"""The papers' optimisers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gan.config import TrainConfig


def make_optimiser(network: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """RMSprop for wgan, Adam for the others; the learning rate is set before each update."""
    if config.objective == "wgan":  # momentum made the authors' critic unstable (arXiv 1701.07875, section 4.3)
        return FusedRMSprop(network.parameters(), config.learning_rate)
    betas = (float(config.beta1), float(config.beta2))  # an int raises in torch 2.13
    return torch.optim.Adam(network.parameters(), config.learning_rate, betas, fused=True)


def set_learning_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """The step size from now on."""
    for group in optimiser.param_groups:
        group["lr"] = rate


class FusedRMSprop(torch.optim.RMSprop):
    """Plain RMSprop (no momentum, not centred, no weight decay) that goes through memory once on a CPU instead of four
    times. Its state is that of :class:`torch.optim.RMSprop`.

    PyTorch has a fused kernel for Adam only. RMSprop is Adam without a first moment (beta1 = 0) and without the
    correction for its zero start, which fades with the steps: to the kernel every step is a very late one.
    """

    _LATE = 1e9

    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        assert closure is None
        if any(p.device.type != "cpu" for group in self.param_groups for p in group["params"]):
            super().step()
            return
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if parameters:
                self._step_on_cpu(parameters, group)

    @torch.no_grad()
    def _step_on_cpu(self, parameters: list[Tensor], group: dict[str, Any]) -> None:
        gradients, squares = [], []
        for parameter in parameters:
            assert parameter.grad is not None
            state = self.state[parameter]
            if not state:
                state["step"] = torch.tensor(0.0)
                state["square_avg"] = torch.zeros_like(parameter)
            state["step"] += 1
            gradients.append(parameter.grad)
            squares.append(state["square_avg"])
        late = [torch.tensor(self._LATE) for _ in parameters]
        torch._fused_adam_(
            parameters, gradients, gradients, squares, [], late, lr=group["lr"], beta1=0.0, beta2=group["alpha"],
            weight_decay=0.0, eps=group["eps"], amsgrad=False, maximize=False,
        )  # fmt: skip  # the first moment is the gradient, so the kernel may write it where it is
