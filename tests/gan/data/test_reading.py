"""Each picture of a listing is read once, and counts once."""

from __future__ import annotations

import shutil
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.data import Skipped, open_dataset
from gan.data.curation import scan
from gan.data.manifest import Entry, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two different pictures, and a copy of the first."""
    random = np.random.RandomState(0)
    for name in ("0.png", "1.png"):
        Image.fromarray(random.randint(0, 256, (16, 16, 3), np.uint8)).save(tmp_path / name)
    shutil.copy(tmp_path / "0.png", tmp_path / "copy.png")
    return tmp_path


def test_a_picture_that_a_manifest_names_twice_counts_once(folder: Path) -> None:
    names = ("0.png", "0.png", "copy.png", "1.png")
    write_manifest(folder / "m.jsonl", [Entry(name, keep=True) for name in names])
    left_out = (Skipped("0.png", "named twice"), Skipped("copy.png", "a copy of 0.png"))
    data = open_dataset(folder / "m.jsonl", 16, 3)
    assert len(data.images) == 2 and data.skipped_files == left_out
    found = scan(folder / "m.jsonl")
    assert found.paths == ("0.png", "1.png") and found.problems == left_out


def test_members_of_a_zip_file_may_have_the_same_name(folder: Path) -> None:
    with zipfile.ZipFile(folder / "all.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has the name already
        for name in ("0.png", "0.png", "1.png"):
            archive.write(folder / name, "same.png")
    data = open_dataset(folder / "all.zip", 16, 3)
    assert len(data.images) == 2 and data.skipped_files == (Skipped("same.png", "named twice"),)


def test_the_rows_of_an_array_are_all_meant(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", np.zeros((3, 16, 16, 3), np.uint8))
    assert len(scan(tmp_path)) == len(open_dataset(tmp_path, 16, 3).images) == 3
