"""Which picture an entry of a manifest speaks of, where bytes and paths do not say the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.data.curation import apply_manifest, decisions_to_manifest, scan
from gan.data.curation.decisions import strangers
from gan.data.manifest import Entry, write_manifest


@pytest.fixture
def pixels() -> np.ndarray:
    """Six rows, the last one like the second."""
    made = np.random.RandomState(0).randint(0, 256, (6, 16, 16, 3), np.uint8)
    made[5] = made[1]
    return made


@pytest.fixture
def folder(tmp_path: Path, pixels: np.ndarray) -> Path:
    """Three different pictures."""
    (tmp_path / "cats").mkdir()
    for row in range(3):
        Image.fromarray(pixels[row]).save(tmp_path / "cats" / f"{row}.png")
    return tmp_path / "cats"


@pytest.mark.parametrize("keep", [[1, 1, 0, -1, -1, 0], [-1, 0, -1, -1, -1, 1], [-1, 1, -1, -1, -1, -1]])
def test_identical_rows_of_an_array_have_decisions_of_their_own(
    tmp_path: Path, pixels: np.ndarray, keep: list[int]
) -> None:
    np.save(tmp_path / "images.npy", pixels)
    found = scan(tmp_path)
    decisions_to_manifest(found, np.array(keep, np.int8), tmp_path / "kept.jsonl")
    assert apply_manifest(found, tmp_path / "kept.jsonl").tolist() == keep
    assert not strangers(found, tmp_path / "kept.jsonl")


def test_pictures_that_changed_their_names_with_each_other_take_their_decisions_along(folder: Path) -> None:
    manifest = folder / "kept.jsonl"
    decisions_to_manifest(scan(folder), np.array([1, 0, -1], np.int8), manifest)
    (folder / "0.png").rename(folder / "x")
    (folder / "1.png").rename(folder / "0.png")
    (folder / "x").rename(folder / "1.png")
    assert apply_manifest(scan(folder), manifest).tolist() == [0, 1, -1]


def test_a_picture_that_was_edited_keeps_its_decision(folder: Path) -> None:
    manifest = folder / "kept.jsonl"
    decisions_to_manifest(scan(folder), np.array([1, 0, -1], np.int8), manifest)
    Image.new("RGB", (20, 20), "red").save(folder / "0.png")
    assert apply_manifest(scan(folder), manifest).tolist() == [1, 0, -1]


@pytest.mark.parametrize("turned", [False, True])
def test_the_word_about_a_picture_comes_before_that_about_its_copy(folder: Path, turned: bool) -> None:
    found = scan(folder)
    shutil.copy(folder / "0.png", folder / "copy.png")
    entries = [Entry("0.png", found.sha256[0], True), Entry("copy.png", found.sha256[0], False)]
    write_manifest(folder / "kept.jsonl", entries[::-1] if turned else entries)
    assert apply_manifest(scan(folder), folder / "kept.jsonl").tolist() == [1, -1, -1]
    write_manifest(folder / "kept.jsonl", [Entry("0.png"), Entry("copy.png", found.sha256[0], False)])
    assert apply_manifest(scan(folder), folder / "kept.jsonl").tolist() == [0, -1, -1], "of 0.png it says nothing"


def test_strangers_stay_in_their_order(folder: Path) -> None:
    names = ("b.png", "0.png", "a.png", "1.png")
    write_manifest(folder / "kept.jsonl", [Entry(name, keep=True) for name in names])
    assert [entry.path for entry in strangers(scan(folder), folder / "kept.jsonl")] == ["b.png", "a.png"]
