from __future__ import annotations

import json

import numpy as np
import pytest

from gan.errors import UserError
from gan.latent.draws import draw
from gan.metrics.score import opaque, render_fakes, score


def discs(n: int, seed: int, size: int = 32, channels: int = 3, dark: bool = False) -> np.ndarray:
    """White pictures with a coloured disc; dark ones keep to half of the colours."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    out = np.full((n, size, size, channels), 255, np.uint8)
    for image in out:
        cy, cx = rng.uniform(size * 0.3, size * 0.7, 2)
        image[(y - cy) ** 2 + (x - cx) ** 2 < rng.uniform(3, 10) ** 2] = rng.integers(0, 100 if dark else 255, channels)
    return out


def test_reals_in_place_of_fakes_score_about_the_floor() -> None:
    result = score(discs(60, 1), discs(200, 2))
    assert result.n == 60
    assert result.note == ""
    assert list(result.swd) == list(result.swd_floor) == [32, 16]
    assert 0.5 < result.swd_ratio < 2
    assert result.precision == pytest.approx(result.precision_floor, abs=0.25)
    assert result.recall == pytest.approx(result.recall_floor, abs=0.25)


def test_worse_fakes_score_worse() -> None:
    reals, fakes = discs(120, 1), discs(60, 2)
    noisy = np.clip(fakes + np.random.default_rng(0).normal(0, 40, fakes.shape), 0, 255).astype(np.uint8)
    good, bad = score(fakes, reals), score(noisy, reals)
    assert bad.swd_ratio > 2 * good.swd_ratio
    assert bad.frechet > 2 * good.frechet
    assert (bad.swd_floor, bad.frechet_floor) == (good.swd_floor, good.frechet_floor)


def test_the_same_seed_gives_the_same_score() -> None:
    fakes, reals = discs(20, 1), discs(50, 2)
    assert score(fakes, reals, seed=3) == score(fakes, reals, seed=3)
    assert score(fakes, reals, seed=3) != score(fakes, reals, seed=4)


def test_few_reals_halve_the_count_and_say_so() -> None:
    result = score(discs(60, 1), discs(41, 2))
    assert result.n == 20
    assert result.note == "41 real pictures make two disjoint sets of 20, so 20 of 60 fakes were compared."


def test_grey_pictures() -> None:
    assert score(discs(10, 1, channels=1), discs(20, 2, channels=1)).n == 10


def test_progress_reaches_the_end_of_each_stage() -> None:
    told: list[tuple[str, float]] = []
    score(discs(10, 1), discs(20, 2), progress=lambda text, share: told.append((text, share)))
    assert ("Comparing patches", 1.0) in told
    assert told[-1] == ("Comparing features", 1.0)


def test_json_holds_every_figure() -> None:
    values = json.loads(json.dumps(score(discs(10, 1), discs(20, 2)).to_json(), allow_nan=False))
    assert set(values["swd"]) == set(values["swd_floor"]) == {"32", "16", "mean"}
    assert values["swd_ratio"] == pytest.approx(values["swd"]["mean"] / values["swd_floor"]["mean"])
    assert {"n", "note", "precision", "precision_floor", "recall", "recall_floor", "frechet", "frechet_floor"} < set(
        values
    )


def test_reals_that_do_not_differ_have_no_ratio() -> None:
    flat = np.full((20, 32, 32, 3), 200, np.uint8)
    result = score(discs(10, 1), flat)
    assert result.swd_floor_mean == 0
    assert json.loads(json.dumps(result.to_json(), allow_nan=False))["swd_ratio"] is None


@pytest.mark.parametrize(
    ("fakes", "reals", "sentence"),
    [
        (
            discs(10, 1),
            discs(20, 2, size=64),
            "The model draws 32 × 32 px with 3 channels, but the data holds 64 × 64 px",
        ),
        (discs(10, 1), discs(20, 2, channels=1), "with 1 channel"),
        (discs(7, 1), discs(20, 2), "too few"),
        (discs(10, 1), discs(15, 2), "too few"),
        (discs(10, 1, size=48), discs(20, 2, size=48), "power of two"),
        (discs(10, 1)[:, :16], discs(20, 2)[:, :16], "Only square pictures"),
    ],
)
def test_pictures_that_cannot_be_compared(fakes: np.ndarray, reals: np.ndarray, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        score(fakes, reals)


def test_fakes_are_the_pictures_of_sample() -> None:
    class Painter:
        """Paints the first latent value, one grey for the whole picture."""

        dim = 5

        def pixels(self, latents: np.ndarray) -> np.ndarray:
            shades = np.clip(128 + 40 * latents[:, :1, None, None], 0, 255).astype(np.uint8)
            return np.broadcast_to(shades, (len(latents), 32, 32, 1)).copy()

    told: list[float] = []
    fakes = render_fakes(Painter(), 50, seed=9, progress=lambda _text, share: told.append(share))  # type: ignore[arg-type]
    assert np.array_equal(fakes, Painter().pixels(draw(50, 5, 9)))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_transparency_is_laid_on_the_ground() -> None:
    images = np.full((2, 4, 4, 4), (200, 100, 0, 255), np.uint8)
    images[0, ..., 3], images[1, :2, :, 3] = 0, 51
    mixed = opaque(images)
    assert mixed.shape == (2, 4, 4, 3) and (mixed[0] == 255).all()
    assert mixed[1, 0, 0].tolist() == [244, 224, 204] and mixed[1, 3, 0].tolist() == [200, 100, 0]
    assert opaque(images, "#000000")[0].max() == 0
    for channels in (1, 3):
        some = discs(2, 0, channels=channels)
        assert opaque(some) is some
    with pytest.raises(UserError, match="no opaque colour"):
        opaque(images, "nonsense")
