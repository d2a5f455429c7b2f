from __future__ import annotations

import numpy as np
import pytest
import torch

from gan.training import augment

WHITE = torch.ones(3)
NEUTRAL = [0.5, 0.5, 0.5, 0.5]  # of contrast 1 and saturation 1, brightness 0; the first says whether


def _numbers(rows: list[list[float]]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def _shifted(dy: int, dx: int, size: int = 16, hole: tuple[float, float] = (0.0, 0.0)) -> list[float]:
    """Numbers that shift by (dy, dx), with a hole around a corner so small that it only takes a quarter."""
    reach = size // augment.SHIFT
    return [*NEUTRAL, *((d + reach + 0.5) / (2 * reach + 1) for d in (dy, dx)), *hole]


def _pictures(n: int = 2, size: int = 16) -> torch.Tensor:
    return torch.rand(n, 3, size, size, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize(("dy", "dx"), [(0, 0), (2, -1), (-2, 2)])
def test_a_shift_moves_pixels_and_leaves_ground_behind(dy: int, dx: int) -> None:
    picture = _pictures(1)
    out = augment.augment(picture, _numbers([_shifted(dy, dx)]), 1.0, WHITE)[0]
    expected = torch.ones_like(picture[0])
    for y in range(16):
        for x in range(16):
            inside = 0 <= y - dy < 16 and 0 <= x - dx < 16
            if inside and not (y < 4 and x < 4):  # the hole: half the size, around the corner (0, 0)
                expected[:, y, x] = picture[0, :, y - dy, x - dx]
    torch.testing.assert_close(out, expected)


def test_colours_by_hand() -> None:
    picture = _pictures(1)
    row = [0.0, 0.9, 0.25, 0.75, 0.5, 0.5, 0.0, 0.0]
    out = augment.augment(picture, _numbers([row]), 1.0, WHITE)[0]
    x = picture[0].clone()
    x[:, :4, :4] = 1
    x = x + 0.4
    x = x.mean(0, keepdim=True) + (x - x.mean(0, keepdim=True)) * 0.5
    torch.testing.assert_close(out, x.mean() + (x - x.mean()) * 1.25)


def test_only_a_share_of_the_pictures_changes_and_zero_none() -> None:
    pictures, rng = _pictures(200, 8), torch.Generator().manual_seed(1)
    numbers = torch.rand(200, augment.NUMBERS, generator=rng)
    assert augment.augment(pictures, numbers, 0.0, WHITE) is pictures
    out = augment.augment(pictures, numbers, 0.3, WHITE)
    same = torch.tensor([torch.allclose(a, b) for a, b in zip(out, pictures, strict=True)])
    assert torch.equal(same, numbers[:, 0] >= 0.3)


def test_a_white_picture_stays_one_colour() -> None:
    """With zero for what is empty a shift would draw a grey frame."""
    numbers = torch.rand(20, augment.NUMBERS, generator=torch.Generator().manual_seed(2))
    out = augment.augment(torch.ones(20, 3, 16, 16), numbers, 1.0, WHITE).flatten(1)
    assert (out.amax(1) - out.amin(1)).max() < 1e-5


def test_it_is_differentiable_twice() -> None:
    pictures = _pictures(2, 8)[:, :2].clone().requires_grad_(True)
    numbers = torch.rand(2, augment.NUMBERS, generator=torch.Generator().manual_seed(3), dtype=torch.float64)

    def function(x: torch.Tensor) -> torch.Tensor:
        return augment.augment(x, numbers, 1.0, torch.ones(2))

    assert torch.autograd.gradcheck(function, pictures, fast_mode=True)
    assert torch.autograd.gradgradcheck(lambda x: function(x) ** 2, pictures, fast_mode=True)


def test_the_ground_is_the_colour_of_most_borders() -> None:
    pictures = np.random.RandomState(0).randint(0, 256, (9, 8, 8, 3), np.uint8)
    pictures[:6, [0, -1]] = pictures[:6, :, [0, -1]] = (255, 255, 0)
    assert augment.ground_of(pictures).tolist() == [1.0, 1.0, -1.0]


def test_probability_follows_the_gap_within_its_limits() -> None:
    assert augment.overfitting(3.0, 1.0, -1.0) == 0.5
    assert augment.overfitting(1.0, 1.0, 2.0) == 0.0
    assert augment.adjusted(0.2, 0.9, augment.RAMP // 10) == pytest.approx(0.3)
    assert augment.adjusted(0.2, 0.1, augment.RAMP // 10) == pytest.approx(0.1)
    assert augment.adjusted(0.0, 0.1, 10) == 0.0 and augment.adjusted(1.0, 0.9, 10) == 1.0
