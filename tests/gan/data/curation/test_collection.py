"""A pile of pictures is looked at once; decisions about it go to a manifest and come back."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import gan.data.curation.collection
from gan.data import Skipped, open_dataset
from gan.data.curation import SCORES, apply_manifest, decisions_to_manifest, scan
from gan.data.curation.decisions import strangers
from gan.data.manifest import Entry, read_manifest, write_manifest
from gan.data.parallel import Stopped
from gan.errors import UserError


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """Six usable pictures of several shapes, and three problems."""
    folder = tmp_path / "pile"
    (folder / "below").mkdir(parents=True)
    for index in range(6):
        image = Image.new("RGB", (60 + 40 * index, 60), "white")
        ImageDraw.Draw(image).ellipse((20, 10, 50, 10 + 5 * index + 5), fill=(40 * index, 0, 90))
        image.save(folder / ("below" if index % 2 else "") / f"{index}.png")
    (folder / "bad.png").write_bytes(b"bad")
    (folder / "copy.png").write_bytes((folder / "0.png").read_bytes())
    Image.new("RGB", (5, 90)).save(folder / "tiny.png")
    return folder


PATHS = ("0.png", "2.png", "4.png", "below/1.png", "below/3.png", "below/5.png")
PROBLEMS = (
    Skipped("bad.png", "damaged, or no picture"),
    Skipped("copy.png", "a copy of 0.png"),
    Skipped("tiny.png", "tiny: 5 × 90 pixels"),
)


def test_a_folder_is_looked_at(pile: Path) -> None:
    told: list[tuple[int, int]] = []
    found = scan(pile, lambda *step: told.append(step))
    assert told == [(done, 9) for done in range(1, 10)]
    assert (found.paths, found.problems, len(found)) == (PATHS, PROBLEMS, 6)
    assert found.root == found.source == pile
    assert found.sha256[1] == hashlib.sha256((pile / "2.png").read_bytes()).hexdigest()
    assert found.sizes.tolist() == [[60, 60], [140, 60], [220, 60], [100, 60], [180, 60], [260, 60]]
    assert (found.thumbnails.shape, found.thumbnails.dtype) == ((6, 96, 96, 3), np.uint8)
    assert isinstance(found.thumbnails, np.memmap)
    assert found.features.shape[0] == 6 and found.features.dtype == np.float32
    assert set(found.scores) == set(SCORES)
    assert all(values.shape == (6,) and np.isfinite(values).all() for values in found.scores.values())
    assert (found.keep == -1).all() and found.keep.dtype == np.int8
    assert found.scores["size"].tolist() == [60] * 6
    assert (found.scores["background"] == 100).all() and (found.scores["one_figure"] == 100).all()


def test_thumbnails_show_the_whole_picture_on_white(pile: Path) -> None:
    wide = scan(pile).thumbnails[5]  # 260 x 60
    assert (wide[:36] == 255).all() and (wide[60:] == 255).all()
    assert (wide[36:60] < 128).any()


def test_nothing_can_be_changed_by_accident(pile: Path) -> None:
    for _ in range(2):
        found = scan(pile)
        for array in (found.thumbnails, found.features, found.sizes, *found.scores.values()):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


def test_the_second_look_is_free(pile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cold = scan(pile)
    monkeypatch.setattr(gan.data.curation.collection, "look", lambda _: pytest.fail("looked again"))
    warm = scan(pile, lambda *_: pytest.fail("there is no progress to tell"))
    assert (warm.paths, warm.sha256, warm.problems) == (cold.paths, cold.sha256, cold.problems)
    np.testing.assert_array_equal(warm.features, cold.features)
    np.testing.assert_array_equal(warm.thumbnails, cold.thumbnails)
    for name in SCORES:
        np.testing.assert_array_equal(warm.scores[name], cold.scores[name])


def test_a_damaged_or_missing_cache_costs_another_look(pile: Path, tmp_path: Path) -> None:
    cold = scan(pile, cache=tmp_path / "cache")
    (entry,) = (tmp_path / "cache" / "scans").iterdir()
    (entry / "numbers.npz").write_bytes(b"junk")
    (tmp_path / "file").touch()
    for cache in (tmp_path / "cache", tmp_path / "file"):
        again = scan(pile, cache=cache)
        assert (again.paths, again.problems) == (cold.paths, cold.problems)
        np.testing.assert_array_equal(again.thumbnails, cold.thumbnails)
        np.testing.assert_array_equal(again.features, cold.features)


def test_zip_files_and_arrays(pile: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pile.zip", "w") as archive:
        for path in sorted(pile.rglob("*.png")):
            archive.write(path, path.relative_to(pile).as_posix())
    zipped, plain = scan(tmp_path / "pile.zip"), scan(pile)
    assert zipped.root == tmp_path
    assert zipped.paths == tuple(f"pile.zip/{path}" for path in PATHS)
    assert zipped.problems[1] == Skipped("pile.zip/copy.png", "a copy of 0.png")
    np.testing.assert_array_equal(zipped.features, plain.features)
    (tmp_path / "faces").mkdir()
    np.save(tmp_path / "faces" / "images.npy", plain.thumbnails)
    array = scan(tmp_path / "faces")
    assert array.root == tmp_path / "faces"
    assert array.paths == tuple(f"images.npy/{index}" for index in range(6))
    np.testing.assert_array_equal(array.thumbnails, plain.thumbnails)
    assert array.sha256[3] == hashlib.sha256(plain.thumbnails[3].tobytes()).hexdigest()


def test_the_camera_may_have_been_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    Image.new("RGB", (1200, 800), "red").save(tmp_path / "a.jpg", exif=exif)
    found = scan(tmp_path)
    assert found.sizes.tolist() == [[800, 1200]]
    assert (found.thumbnails[0, :, :15] == 255).all() and (found.thumbnails[0, 20:70, 30:60, 1] < 10).all()


def test_stopping(pile: Path, tmp_path: Path) -> None:
    told: list[int] = []
    with pytest.raises(Stopped):
        scan(pile, lambda done, _: told.append(done), lambda: len(told) >= 2, tmp_path / "cache")
    assert told == [1, 2]
    assert list((tmp_path / "cache" / "scans").iterdir()) == []


@pytest.mark.parametrize("name", ["missing", "empty", "bad", "text.txt", "bad.zip", "bad.jsonl"])
def test_what_cannot_be_looked_at_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.png").write_bytes(b"bad")
    for file in ("text.txt", "bad.zip", "bad.jsonl"):
        (tmp_path / file).write_text("hello")
    with pytest.raises(UserError) as caught:
        scan(tmp_path / name)
    assert name in caught.value.text and "\n" not in str(caught.value)


def test_one_picture_can_be_looked_at(tmp_path: Path) -> None:
    Image.new("RGB", (30, 30), "red").save(tmp_path / "a.png")
    assert scan(tmp_path).scores["outlier"].tolist() == [1]


# ---- decisions


def some_decisions(n: int) -> np.ndarray:
    return np.array([1, 0, -1, 1, -1, 0, 1, 0][:n], np.int8)


@pytest.mark.parametrize("where", [".", "pile", "deep/er"])
def test_decisions_go_to_a_manifest_and_come_back(pile: Path, tmp_path: Path, where: str) -> None:
    found = scan(pile)
    before = {path: path.read_bytes() for path in pile.rglob("*.png")}
    manifest = tmp_path / where / "kept.jsonl"
    decisions_to_manifest(found, some_decisions(6), manifest)
    np.testing.assert_array_equal(apply_manifest(found, manifest), some_decisions(6))
    entries = read_manifest(manifest)
    assert [entry.keep for entry in entries] == [True, False, None, True, None, False]
    assert all((manifest.parent / entry.path).is_file() for entry in entries)
    assert entries[2].scores["size"] == 60 and set(entries[2].scores) == set(SCORES)
    assert {path: path.read_bytes() for path in pile.rglob("*.png")} == before
    data = open_dataset(manifest, 32, 3)
    np.testing.assert_array_equal(data.images, open_dataset(pile, 32, 3).images[[0, 3]])


def test_a_manifest_can_be_looked_at_again(pile: Path, tmp_path: Path) -> None:
    found = scan(pile)
    decisions_to_manifest(found, some_decisions(6), tmp_path / "kept.jsonl")
    again = scan(tmp_path / "kept.jsonl")
    assert again.paths == tuple(f"pile/{path}" for path in PATHS)
    np.testing.assert_array_equal(again.keep, some_decisions(6))
    np.testing.assert_array_equal(again.features, found.features)
    (pile / "4.png").unlink()
    Image.new("RGB", (70, 70), "red").save(pile / "2.png")
    changed = scan(tmp_path / "kept.jsonl")
    assert changed.keep.tolist() == [1, 1, -1, 0]
    assert changed.problems == (
        Skipped("pile/2.png", "changed since the manifest was written"),
        Skipped("pile/4.png", "no such file"),
    )


def test_decisions_follow_a_picture_that_was_renamed(pile: Path, tmp_path: Path) -> None:
    decisions_to_manifest(scan(pile), some_decisions(6), tmp_path / "kept.jsonl")
    (pile / "0.png").rename(pile / "zz.png")
    (pile / "copy.png").unlink()
    moved = scan(pile)
    assert moved.paths[-1] == "below/5.png" or moved.paths[-1] == "zz.png"
    word = dict(zip(moved.paths, apply_manifest(moved, tmp_path / "kept.jsonl").tolist(), strict=True))
    assert word == {"2.png": 0, "4.png": -1, "zz.png": 1, "below/1.png": 1, "below/3.png": -1, "below/5.png": 0}


def test_a_manifest_written_by_hand_needs_only_paths(pile: Path, tmp_path: Path) -> None:
    write_manifest(tmp_path / "a.jsonl", [Entry("pile/below/../2.png", keep=True), Entry("other.png", keep=False)])
    found = scan(pile)
    assert apply_manifest(found, tmp_path / "a.jsonl").tolist() == [-1, 1, -1, -1, -1, -1]
    assert strangers(found, tmp_path / "a.jsonl") == [Entry("other.png", keep=False)]


def test_arrays_and_zip_files_are_trained_on_through_a_manifest(tmp_path: Path) -> None:
    images = np.random.RandomState(0).randint(0, 256, (6, 32, 32, 3), np.uint8)
    (tmp_path / "faces").mkdir()
    np.save(tmp_path / "faces" / "images.npy", images)
    decisions_to_manifest(scan(tmp_path / "faces"), some_decisions(6), tmp_path / "kept.jsonl")
    assert read_manifest(tmp_path / "kept.jsonl")[5].path == "faces/images.npy/5"
    np.testing.assert_array_equal(open_dataset(tmp_path / "kept.jsonl", 32, 3).images, images[[0, 3]])


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_manifest_behind_a_link_still_leads_to_its_pictures(pile: Path, tmp_path: Path) -> None:
    (tmp_path / "real" / "deep" / "er").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real" / "deep" / "er")
    decisions_to_manifest(scan(pile), some_decisions(6), tmp_path / "link" / "kept.jsonl")
    assert len(open_dataset(tmp_path / "link" / "kept.jsonl", 32, 3).images) == 2
