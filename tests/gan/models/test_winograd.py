"""Against the convolution it stands for, in float64, where nothing is rounded that would show."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from gan.models import winograd
from gan.models.winograd import Winograd


@pytest.mark.parametrize(
    ("n", "before", "after", "height", "width"), [(1, 1, 1, 4, 4), (3, 2, 5, 8, 8), (2, 3, 4, 4, 12)]
)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_results_and_both_gradients(
    n: int, before: int, after: int, height: int, width: int, layout: torch.memory_format
) -> None:
    torch.manual_seed(0)
    x = torch.randn(n, before, height, width, dtype=torch.float64).to(memory_format=layout).requires_grad_(True)
    weight = torch.randn(after, before, 4, 4, dtype=torch.float64).to(memory_format=layout).requires_grad_(True)
    factor = torch.randn(n, after, height // 2, width // 2, dtype=torch.float64)
    answers = []
    for y in (Winograd.apply(x, weight), F.conv2d(x, weight, stride=2, padding=1)):
        answers.append([y.detach(), *torch.autograd.grad((y * factor).sum(), (x, weight))])
    for ours, expected in zip(*answers, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-12, atol=1e-12)


def test_rounding_in_bfloat16_stays_below_a_hundredth() -> None:
    torch.manual_seed(0)
    x, weight = torch.randn(16, 64, 8, 8), (torch.randn(128, 64, 4, 4) * 0.02).requires_grad_(True)
    coarse = x.bfloat16().requires_grad_(True)
    fine = coarse.detach().float().requires_grad_(True)
    factor = torch.randn(16, 128, 4, 4).bfloat16()
    y, expected = Winograd.apply(coarse, weight), F.conv2d(fine, weight, stride=2, padding=1)
    of_weight = [torch.autograd.grad(out, weight, factor.to(out.dtype), retain_graph=True)[0] for out in (y, expected)]
    of_x = [torch.autograd.grad(out, z, factor.to(out.dtype))[0] for out, z in ((y, coarse), (expected, fine))]
    for ours, true in ((y, expected), of_weight, of_x):
        assert (ours.float() - true).norm() < 0.01 * true.norm()
    assert of_weight[0].dtype == torch.float32


@pytest.mark.parametrize("at_once", [1, 2 * 3 * 8 * 8, 1 << 30])
def test_however_many_pictures_are_transformed_together(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    x, weight = torch.randn(5, 3, 8, 8).requires_grad_(True), torch.randn(4, 3, 4, 4).requires_grad_(True)
    answers = []
    for count in (winograd._AT_ONCE, at_once):
        monkeypatch.setattr(winograd, "_AT_ONCE", count)
        y = Winograd.apply(x, weight)
        answers.append([y.detach(), *torch.autograd.grad(y.square().sum(), (x, weight))])
    for one, other in zip(*answers, strict=True):
        assert torch.equal(one, other)
