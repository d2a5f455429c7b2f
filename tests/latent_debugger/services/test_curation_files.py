from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gan.data.curation import Collection, decisions_to_manifest
from gan.data.manifest import read_manifest
from gan.errors import UserError
from latent_debugger.services import curation_files
from latent_debugger.services.curation_files import (
    holds_pictures,
    load_decisions,
    place_of,
    remember,
    save_decisions,
    spare_place,
    usual_place,
)
from latent_debugger.state.curation import Decisions
from latent_debugger.state.paths import CHECKPOINTS, home


def make_collection(source: Path, n: int = 4) -> Collection:
    return Collection(
        root=source,
        source=source,
        paths=tuple(f"{k}.png" for k in range(n)),
        sha256=tuple(f"{k:064x}" for k in range(n)),
        sizes=np.full((n, 2), 64, np.int32),
        thumbnails=np.zeros((n, 96, 96, 3), np.uint8),
        features=np.zeros((n, 3), np.float32),
        scores={"sharpness": np.arange(n, dtype=np.float32)},
        keep=np.full(n, -1, np.int8),
    )


def decided(*keep: int, by_ranking: tuple[int, ...] = ()) -> Decisions:
    flags = np.zeros(len(keep), np.bool_)
    flags[list(by_ranking)] = True
    return Decisions(np.array(keep, np.int8), flags)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "cats"
    made.mkdir(parents=True)
    return made


def test_decisions_lie_beside_the_data(folder: Path) -> None:
    archive = folder.parent / "dogs.zip"
    archive.touch()
    manifest = folder.parent / "chosen.jsonl"
    assert usual_place(folder) == folder.parent / "cats.manifest.jsonl"
    assert usual_place(archive) == folder.parent / "dogs.zip.manifest.jsonl"
    assert usual_place(manifest) == manifest == place_of(manifest)


def test_what_was_saved_comes_back_with_who_decided(folder: Path) -> None:
    collection, place = make_collection(folder), place_of(folder)
    assert save_decisions(collection, decided(1, 0, -1, 1, by_ranking=(3,)), place) == place
    entries = read_manifest(place)
    assert [entry.keep for entry in entries] == [True, False, None, True]
    assert [entry.path for entry in entries] == [f"cats/{k}.png" for k in range(4)]
    assert entries[2].scores["sharpness"] == 2
    assert sorted(path.name for path in folder.parent.iterdir()) == ["cats", "cats.manifest.jsonl"]
    found = load_decisions(collection, place)
    assert found.notice == "" and not found.others
    assert found.decisions.keep.tolist() == [1, 0, -1, 1]
    assert found.decisions.by_ranking.tolist() == [False, False, False, True]


def test_a_manifest_of_another_program_is_read(folder: Path) -> None:
    place = place_of(folder)
    place.write_text('{"path": "cats/1.png", "keep": true}\n')
    found = load_decisions(make_collection(folder), place)
    assert found.decisions.keep.tolist() == [-1, 1, -1, -1]
    assert not found.notice and not found.decisions.by_ranking.any()


def test_of_identical_rows_each_keeps_its_decision_and_who_made_it(folder: Path) -> None:
    collection, place = make_collection(folder), place_of(folder)
    alike = replace(collection, sha256=(collection.sha256[0],) * 4)
    save_decisions(alike, decided(1, 0, -1, 1, by_ranking=(1,)), place)
    found = load_decisions(alike, place)
    assert found.decisions.keep.tolist() == [1, 0, -1, 1] and not found.others
    assert found.decisions.by_ranking.tolist() == [False, True, False, False]


def test_a_picture_named_without_its_sha256_may_be_decided_by_the_ranking(folder: Path) -> None:
    place = place_of(folder)
    place.write_text('{"path": "cats/2.png", "keep": true, "scores": {"by_ranking": 1}}\n')
    assert load_decisions(make_collection(folder), place).decisions.by_ranking.tolist() == [False, False, True, False]


def test_decisions_about_files_that_are_not_there_now_are_written_back(folder: Path) -> None:
    place, collection = place_of(folder), make_collection(folder)
    gone = '{"path": "cats/gone.png", "sha256": null, "keep": true, "scores": {"sharpness": 2.5}}\n'
    place.write_text('{"path": "cats/1.png", "keep": true}\n' + gone)
    found = load_decisions(collection, place)
    save_decisions(collection, decided(0, 1, -1, -1), place, found.others)
    assert place.read_text().endswith(gone) and len(read_manifest(place)) == 5
    moved = folder / "deeper" / "x.jsonl"
    save_decisions(collection, decided(0, 1, -1, -1), moved, found.others)
    assert read_manifest(moved)[-1].path == "../gone.png"


def zipped(folder: Path) -> Collection:
    """Other pictures, in a zip file beside the folder and of the same name."""
    archive = folder.with_name("cats.zip")
    archive.touch()
    made = make_collection(folder)
    paths, sha256 = tuple(f"cats.zip/{path}" for path in made.paths), tuple(f"{k + 50:064x}" for k in range(4))
    return replace(made, root=folder.parent, source=archive, paths=paths, sha256=sha256)


def kept_in(manifest: Path) -> list[str]:
    return [entry.path for entry in read_manifest(manifest) if entry.keep]


def test_a_folder_and_a_file_of_the_same_name_have_decisions_of_their_own(folder: Path) -> None:
    pictures, archive = make_collection(folder), zipped(folder)
    for one, keep in ((pictures, decided(1, 1, 0, -1)), (archive, decided(0, 0, 1, -1))):
        place = place_of(one.source)
        found = load_decisions(one, place)
        assert (found.decisions.keep == -1).all() and not found.others
        save_decisions(one, keep, place, found.others)
    assert kept_in(place_of(folder)) == ["cats/0.png", "cats/1.png"]
    assert kept_in(place_of(archive.source)) == ["cats.zip/2.png"]


def test_decisions_about_a_file_are_found_where_they_once_were(folder: Path) -> None:
    archive, former = zipped(folder), folder.with_name("cats.manifest.jsonl")
    decisions_to_manifest(archive, decided(1, 0, -1, 1).keep, former)
    with former.open("a") as file:
        file.write('{"path": "cats.zip/gone.png", "keep": true}\n')
    before, place = former.read_bytes(), place_of(archive.source)
    found = load_decisions(archive, place)
    assert found.decisions.keep.tolist() == [1, 0, -1, 1]
    save_decisions(archive, decided(1, 0, 0, 1), place, found.others)
    assert kept_in(place) == ["cats.zip/0.png", "cats.zip/3.png", "cats.zip/gone.png"]
    assert former.read_bytes() == before, "a run may be trained on it"
    assert load_decisions(archive, place_of(archive.source)).decisions.keep.tolist() == [1, 0, 0, 1]


def test_what_a_folder_and_a_file_once_shared_is_told_apart(folder: Path) -> None:
    pictures, archive, shared = make_collection(folder), zipped(folder), folder.with_name("cats.manifest.jsonl")
    decisions_to_manifest(archive, decided(1, 0, -1, 1).keep, shared)
    decisions_to_manifest(pictures, decided(0, 1, -1, -1).keep, shared, read_manifest(shared))
    place = place_of(archive.source)
    found = load_decisions(archive, place)
    assert found.decisions.keep.tolist() == [1, 0, -1, 1] and not found.others
    assert len(load_decisions(pictures, shared).others) == 4, "they are nowhere else yet"
    save_decisions(archive, found.decisions, place, found.others)
    found = load_decisions(pictures, shared)
    assert found.decisions.keep.tolist() == [0, 1, -1, -1] and not found.others


def test_a_file_that_was_unpacked_takes_its_decisions_along(folder: Path) -> None:
    archive, shared = zipped(folder), folder.with_name("cats.manifest.jsonl")
    decisions_to_manifest(archive, decided(1, 0, -1, 1).keep, shared)
    save_decisions(archive, decided(1, 0, -1, 1), usual_place(archive.source))
    unpacked = replace(make_collection(folder), sha256=archive.sha256)
    found = load_decisions(unpacked, place_of(folder))
    assert found.decisions.keep.tolist() == [1, 0, -1, 1] and not found.others


def test_a_damaged_manifest_is_set_aside_and_never_overwritten(folder: Path) -> None:
    place, collection = place_of(folder), make_collection(folder)
    for number in (1, 2):
        place.write_text('{"path": "cats/1.png", "keep": true}\n{"path": \n')
        before = place.read_bytes()
        found = load_decisions(collection, place)
        assert (found.decisions.keep == -1).all()
        aside = place.with_name(f"cats.damaged-{number}.manifest.jsonl")
        assert aside.read_bytes() == before and not place.exists()
        assert "Line 2" in found.notice and aside.name in found.notice and "\n" not in found.notice


def test_a_place_of_the_users_own_is_remembered(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "mine.jsonl"
    save_decisions(make_collection(folder), decided(1, -1, -1, -1), elsewhere, spare=False)
    assert place_of(folder) == elsewhere
    elsewhere.unlink()
    assert place_of(folder) == usual_place(folder), "it may be on a stick that was pulled out"
    save_decisions(make_collection(folder), decided(1, -1, -1, -1), usual_place(folder))
    assert json.loads((home() / "datasets" / "places.json").read_text()) == {}


def test_a_folder_that_cannot_be_written_to_has_its_decisions_at_home(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(collection: Collection, keep: object, path: Path, others: object) -> None:
        if path.parent == folder.parent:
            raise UserError(f"{path} cannot be written: Read-only file system.")
        decisions_to_manifest(collection, keep, path)  # type: ignore[arg-type]

    monkeypatch.setattr(curation_files, "decisions_to_manifest", refuse)
    collection = make_collection(folder)
    place = save_decisions(collection, decided(1, 0, -1, -1), place_of(folder))
    assert place == spare_place(folder) and place.is_relative_to(home())
    assert place_of(folder) == place
    assert load_decisions(collection, place).decisions.keep.tolist() == [1, 0, -1, -1]
    with pytest.raises(UserError, match="cannot be written"):
        save_decisions(collection, decided(1, 0, -1, -1), usual_place(folder), spare=False)


def test_a_read_only_folder_is_not_even_tried(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder.parent)
    assert place_of(folder) == spare_place(folder)


@pytest.mark.parametrize("content", ["", "[]", '{"/a": 3}', "\x00"])
def test_a_damaged_index_of_places_is_passed_over(folder: Path, content: str) -> None:
    index = home() / "datasets" / "places.json"
    index.parent.mkdir(parents=True)
    index.write_text(content)
    assert place_of(folder) == usual_place(folder)
    remember(folder, folder / "x.jsonl")
    assert json.loads(index.read_text()) == {str(folder): str(folder / "x.jsonl")}


def test_what_is_a_pile_at_a_glance(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.json").touch()
    assert holds_pictures(tmp_path) and not holds_pictures(run)
    assert holds_pictures(tmp_path / "a.zip") and holds_pictures(tmp_path / "images.npy")
    models = tmp_path / "models"
    models.mkdir()
    assert holds_pictures(models), "which is empty: the panel says so"
    for suffix in CHECKPOINTS:
        file = models / f"G{suffix.upper()}"
        file.touch()
        assert not holds_pictures(models), suffix
        file.unlink()
    (models / "originals.tar").touch()
    for number in range(10):
        assert not holds_pictures(models), "another trainer saves a sample or two beside each checkpoint"
        (models / f"{number}.JPG").touch()
    assert holds_pictures(models), "an archive lies among the pictures"
    assert not holds_pictures(tmp_path / "model.safetensors") and not holds_pictures(tmp_path / "gone")
