"""Scores say what their sentences say, on pictures made for it."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from gan.data.curation.scores import (
    NEAR_LEVELS,
    SCORES,
    background_and_figure,
    hashes,
    near_duplicates,
    outliers,
    sharpness,
)

SIDE = 96


def drawing(*circles: tuple[int, int, int], ground: str = "white", colour: str = "navy") -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), ground)
    for x, y, r in circles:
        ImageDraw.Draw(image).ellipse((x - r, y - r, x + r, y + r), fill=colour)
    return image


def measured(image: Image.Image) -> tuple[float, float]:
    return background_and_figure(np.asarray(image))


def noise(seed: int = 0, side: int = SIDE) -> np.ndarray:
    return np.random.RandomState(seed).randint(0, 256, (side, side, 3), np.uint8)


# ---- background and figure


@pytest.mark.parametrize("ground", ["white", "black", "#4080c0"])
def test_one_figure_on_a_plain_ground(ground: str) -> None:
    assert measured(drawing((48, 48, 20), ground=ground, colour="orange")) == (100, 100)


def test_two_figures_share() -> None:
    plain, one = measured(drawing((25, 48, 10), (70, 48, 20)))
    assert plain == 100
    assert one == pytest.approx(80, abs=3)  # areas 100 and 400


def test_dust_and_broken_lines_do_not_count() -> None:
    image = drawing((48, 48, 20))
    pixels = np.array(image)
    pixels[5, 5] = pixels[90, 8] = 0  # dust
    pixels[:, 48] = 255  # a line of one pixel cuts the figure
    assert background_and_figure(pixels) == (100, 100)


def test_a_figure_that_touches_the_rim_leaves_its_share() -> None:
    plain, one = measured(drawing((48, 96, 24)))
    assert 80 < plain < 95 and one == 100


def test_noise_has_no_plain_ground_and_an_empty_picture_no_figure() -> None:
    assert background_and_figure(noise())[0] < 10
    assert measured(drawing()) == (100, 0)


def test_a_ground_with_jpegs_traces_is_plain() -> None:
    buffer = BytesIO()
    drawing((48, 48, 30)).save(buffer, "jpeg", quality=60)
    assert measured(Image.open(buffer).convert("RGB")) == (100, 100)


@pytest.mark.parametrize("shape", [(96, 1, 3), (1, 96, 3), (3, 5, 3)])
def test_slivers(shape: tuple[int, int, int]) -> None:
    assert all(0 <= value <= 100 for value in background_and_figure(np.zeros(shape, np.uint8)))


# ---- sharpness


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    pixels = noise()[..., 0].astype(float)
    inner = pixels[1:-1, 1:-1]
    laplacian = pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:] - 4 * inner
    assert sharpness(Image.fromarray(noise()[..., 0])) == pytest.approx(laplacian.var(), rel=1e-4)


def test_blur_lowers_sharpness() -> None:
    image = drawing((48, 48, 20), (20, 20, 8)).convert("L")
    steps = [sharpness(image.filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 1, 2, 4)]
    assert steps == sorted(steps, reverse=True) and steps[0] > 20 * steps[3]
    assert sharpness(Image.new("L", (SIDE, SIDE), 77)) == 0
    assert sharpness(Image.new("L", (2, 300))) == 0


# ---- near-duplicates


def again(image: Image.Image, scale: float, quality: int) -> Image.Image:
    buffer = BytesIO()
    side = round(SIDE * scale)
    image.resize((side, side), Image.Resampling.LANCZOS).save(buffer, "jpeg", quality=quality)
    return Image.open(buffer).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def compare(*images: Image.Image) -> tuple[list[float], list[float]]:
    codes = np.array([hashes(image.convert("L")) for image in images], np.uint64)
    counts, groups = near_duplicates(codes, np.stack([np.asarray(image) for image in images]))
    return counts.tolist(), groups.tolist()


def test_the_same_picture_saved_again_is_found() -> None:
    face = drawing((48, 48, 40), colour="tan")
    pen = ImageDraw.Draw(face)
    pen.ellipse((30, 35, 40, 45), fill="black")
    pen.ellipse((56, 35, 66, 45), fill="black")
    laughing = face.copy()
    pen.line((35, 65, 60, 65), fill="black", width=3)
    ImageDraw.Draw(laughing).pieslice((30, 50, 66, 78), 0, 180, fill="red")
    other = drawing((20, 70, 18), (70, 20, 12))
    counts, groups = compare(other, face, laughing, again(face, 0.7, 85), again(laughing, 2, 90), again(face, 1, 60))
    assert counts == [0, 2, 1, 2, 1, 2]
    assert groups == [0, 1, 2, 1, 2, 1]


def test_other_colours_are_no_duplicates() -> None:
    assert compare(drawing((48, 48, 30), colour="#c03030"), drawing((48, 48, 30), colour="#3030c0"))[0] == [0, 0]


def test_every_pair_is_compared_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan.data.curation.scores._BLOCK", 3)
    monkeypatch.setattr("gan.data.curation.scores._PAIRED_BLOCK", 3)
    monkeypatch.setattr("gan.data.curation.scores._PAIRS", 2)
    blocks = [Image.fromarray(noise(seed, 6)).resize((SIDE, SIDE)) for seed in range(7)]
    counts, groups = compare(*blocks, *(again(image, 1, 95) for image in blocks))
    assert counts == [1] * 14
    assert groups == [1, 2, 3, 4, 5, 6, 7] * 2


def test_comparing_can_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan.data.curation.scores._PAIRED_BLOCK", 2)
    asked: list[None] = []

    def enough() -> None:
        asked.append(None)
        if len(asked) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        near_duplicates(np.zeros((10, 2), np.uint64), np.zeros((10, SIDE, SIDE, 3), np.uint8), enough)
    assert len(asked) == 3


def test_what_the_large_cells_rule_out_the_small_ones_would_too() -> None:
    random = np.random.RandomState(0)
    base = random.randint(40, 200, (1, 12, 12, 3)).repeat(8, 1).repeat(8, 2)
    shift = random.randint(-22, 23, (60, 12, 12, 3)).repeat(8, 1).repeat(8, 2)
    images = np.clip(base + shift * (random.rand(60, 1, 1, 1) < 0.7), 0, 255).astype(np.uint8)
    counts, _ = near_duplicates(np.zeros((60, 2), np.uint64), images)
    cells = images[:, ::8, ::8].astype(int)
    expected = (np.abs(cells[:, None] - cells[None]).max(axis=(2, 3, 4)) <= NEAR_LEVELS).sum(1) - 1
    assert counts.tolist() == expected.tolist() and 0 < (expected > 0).sum() < 60


@pytest.mark.parametrize("spread", [0, 4, 14])  # levels: within each of three motifs all alike, or some
def test_what_is_near_the_same_picture_needs_no_comparison(monkeypatch: pytest.MonkeyPatch, spread: int) -> None:
    monkeypatch.setattr("gan.data.curation.scores._PAIRED_BLOCK", 8)
    random = np.random.RandomState(spread)
    brightness = 60 + 60 * random.randint(0, 3, (80, 1, 1, 1)) + random.randint(-spread, spread + 1, (80, 1, 1, 1))
    cells = brightness + random.randint(-1, 2, (80, 12, 12, 3))
    counts, groups = near_duplicates(np.zeros((80, 2), np.uint64), cells.astype(np.uint8))
    alike = np.abs(cells[:, None] - cells[None]).max(axis=(2, 3, 4)) <= NEAR_LEVELS
    assert counts.tolist() == (alike.sum(1) - 1).tolist()
    reached = np.linalg.matrix_power(alike.astype(float), 80) > 0
    together = (groups[:, None] == groups[None]) & (groups > 0) | np.eye(80, dtype=bool)
    assert (together == reached).all()


def test_a_chain_of_look_alikes_is_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan.data.curation.scores._PAIRED_BLOCK", 2)
    steps = np.random.RandomState(0).permutation(16)
    images = np.full((16, 12, 12, 3), 15 * steps[:, None, None, None], np.uint8)
    counts, groups = near_duplicates(np.zeros((16, 2), np.uint64), images)
    assert counts.tolist() == [1 if step in (0, 15) else 2 for step in steps]
    assert (groups == 1).all()


def test_a_pile_of_look_alikes_takes_no_memory_for_its_pairs() -> None:
    n = 2000
    images = np.full((n, 12, 12, 3), 200, np.uint8)
    near_duplicates(np.zeros((2, 2), np.uint64), images[:2])  # imports
    tracemalloc.start()
    try:
        counts, groups = near_duplicates(np.zeros((n, 2), np.uint64), images)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (counts == n - 1).all() and (groups == 1).all()
    assert peak < 16 * n * (n - 1) / 2, "their list alone would take that"


def test_a_single_picture_has_no_duplicate() -> None:
    counts, groups = near_duplicates(np.zeros((1, 2), np.uint64), np.zeros((1, SIDE, SIDE, 3), np.uint8))
    assert (counts.tolist(), groups.tolist()) == ([0], [0])


# ---- outliers


def test_the_stranger_is_the_outlier() -> None:
    features = np.random.RandomState(0).standard_normal((300, 4)).astype(np.float32)
    features[17] = 40
    found = outliers(features)
    assert found.argmax() == 17 and found[17] > 10
    assert np.median(found) == pytest.approx(1)
    np.testing.assert_allclose(outliers(features * 7 + 100), found, rtol=2e-2)  # whatever the scale


def test_outliers_of_many_pictures_are_measured_against_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan.data.curation.scores._OUTLIER_REFERENCES", 100)
    features = np.random.RandomState(0).standard_normal((500, 4)).astype(np.float32)
    features[17] = 40
    assert outliers(features).argmax() == 17


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_outliers_of_few_or_equal_pictures(n: int) -> None:
    assert (outliers(np.ones((n, 3), np.float32)) == 1).all()


def test_each_score_is_explained_in_a_sentence() -> None:
    for info in SCORES.values():
        assert info.about.endswith(".") and info.label and info.good in ("high", "low")
