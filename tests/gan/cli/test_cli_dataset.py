"""``dataset people`` and ``score``; the pictures and figures themselves have tests in tests/gan/data and metrics."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.checkpoints import read_info
from gan.config import TrainConfig
from gan.data import open_dataset
from gan.data.manifest import Entry, read_manifest, write_manifest
from gan.files import sha256_of, write_json
from gan.metrics.score import render_fakes
from gan.metrics.score import score as measure
from gan.rendering import open_renderer
from gan.training.run_directory import RunConfig

from .conftest import MODEL, Command


def test_people(gan: Command, tmp_path: Path) -> None:
    answer = gan("dataset", "people", tmp_path / "people", "--n", 4, "--size", 32, "--seed", 5)
    assert (answer.status, answer.out, answer.err) == (0, "", "")
    images = np.load(tmp_path / "people" / "images.npy", allow_pickle=False)
    assert images.dtype == np.uint8 and images.shape == (4, 32, 32, 3)
    with open(tmp_path / "people" / "attributes.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 4
    gan("dataset", "people", tmp_path / "fewer", "--n", 2, "--size", 32, "--seed", 5)
    assert np.array_equal(np.load(tmp_path / "fewer" / "images.npy"), images[:2])
    gan("dataset", "people", tmp_path / "others", "--n", 2, "--size", 32)
    assert not np.array_equal(np.load(tmp_path / "others" / "images.npy"), images[:2])
    assert open_dataset(tmp_path / "people", 32, 3).images.shape == (4, 32, 32, 3)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["out", "--n", 0], "--n"),
        (["out", "--n", -1], "--n"),
        (["out", "--n", 10**30], "--n"),
        (["out", "--n", "all"], "--n"),
        (["out", "--size", 15], "15 pixels"),
        (["out", "--size", 10**9], "pixels"),
        (["out", "--seed", -1], "seed"),
        (["out", "--n", 10**7, "--size", 1024], "GiB free"),
        (["file/out", "--n", 1], "cannot be written"),
        (["file", "--n", 1], "cannot be written"),
        ([], "OUT"),
    ],
)
def test_mistakes_with_people(
    gan: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    assert sentence.lower() in gan("dataset", "people", *words).refusal.lower()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_check(gan: Command, pictures: Path, tmp_path: Path) -> None:
    shutil.copytree(pictures, tmp_path / "mine")
    (tmp_path / "mine" / "bad.png").write_bytes(b"bad")
    shutil.copy(tmp_path / "mine" / "0.png", tmp_path / "mine" / "zz.png")
    answer = gan("dataset", "check", tmp_path / "mine", "--json")
    assert (answer.status, answer.err) == (0, "")
    found = json.loads(answer.out)
    assert (found["pictures"], found["kept"], found["undecided"]) == (8, 0, 8)
    assert found["problems"] == [
        {"path": "bad.png", "reason": "damaged, or no picture"},
        {"path": "zz.png", "reason": "a copy of 0.png"},
    ]
    assert found["scores"]["size"] == {"low": 36, "median": 36, "high": 36}
    table = gan("dataset", "check", tmp_path / "mine")
    assert (table.status, table.err) == (0, "")
    for word in ("8 pictures", "Sharpness", "2 files are left out", "1 identical to others", "bad.png: damaged"):
        assert word in table.out


def test_check_writes_a_manifest_and_keeps_decisions(gan: Command, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "kept.jsonl"
    assert gan("dataset", "check", pictures, "--manifest", out).status == 0
    entries = read_manifest(out)
    assert len(entries) == 8 and all(entry.keep is None and entry.scores for entry in entries)
    decided = [replace(entries[0], keep=True, scores={}), replace(entries[1], keep=False), Entry("elsewhere.png")]
    write_manifest(out, decided)
    answer = gan("dataset", "check", pictures, "--manifest", out, "--json")
    assert json.loads(answer.out)["kept"] == json.loads(answer.out)["rejected"] == 1
    assert read_manifest(out) == [
        replace(entries[0], keep=True),
        replace(entries[1], keep=False),
        *entries[2:],
        decided[2],
    ]
    again = json.loads(gan("dataset", "check", out, "--json").out)
    assert (again["kept"], again["rejected"], again["undecided"]) == (1, 1, 6)
    assert [problem["reason"] for problem in again["problems"]] == ["no such file"]


def test_mistakes_with_check(gan: Command, pictures: Path, tmp_path: Path) -> None:
    assert "does not exist" in gan("dataset", "check", tmp_path / "none").refusal
    (tmp_path / "empty").mkdir()
    assert "no usable picture" in gan("dataset", "check", tmp_path / "empty").refusal
    assert ".jsonl" in gan("dataset", "check", pictures, "--manifest", tmp_path / "a.txt").refusal
    (tmp_path / "bad.jsonl").write_text("hello")
    assert "Line 1" in gan("dataset", "check", pictures, "--manifest", tmp_path / "bad.jsonl").refusal
    assert (tmp_path / "bad.jsonl").read_text() == "hello"
    (tmp_path / "file").touch()
    assert "cannot be written" in gan("dataset", "check", pictures, "--manifest", tmp_path / "file" / "a.jsonl").refusal


@pytest.fixture(scope="module")
def reals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reals")
    np.save(folder / "images.npy", np.random.RandomState(1).randint(0, 256, (40, 32, 32, 3), np.uint8))
    return folder


def test_score(gan: Command, checkpoint: Path, reals: Path) -> None:
    answer = gan("score", checkpoint, "--data", reals, "--n", 16, "--json")
    assert (answer.status, answer.err) == (0, "")
    found = json.loads(answer.out)
    fakes = render_fakes(open_renderer(checkpoint, "cpu"), 16)
    expected = json.loads(json.dumps(measure(fakes, np.load(reals / "images.npy")).to_json()))
    assert {key: found[key] for key in expected} == expected
    assert (found["step"], found["sha256"]) == (1234, sha256_of(checkpoint))


def test_score_for_people_of_the_newest_checkpoint_of_a_run(
    gan: Command, checkpoint: Path, reals: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run [b]"  # what the terminal library takes for markup
    (run / "checkpoints").mkdir(parents=True)
    shutil.copy(checkpoint, run / "checkpoints" / "step-00001234.safetensors")
    answer = gan("score", run, "--data", reals, "--n", 30)
    assert answer.status == 0
    assert "run [b], step 1234: 20 pictures" in answer.out
    for word in ("SWD", "precision", "recall", "of 30 fakes were compared"):
        assert word in answer.out


def test_a_run_is_scored_against_the_pictures_as_it_saw_them(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    folder, run = tmp_path / "wide", tmp_path / "run"
    folder.mkdir()
    for k, shade in enumerate(np.random.RandomState(1).randint(0, 256, (24, 32, 64, 4), np.uint8)):
        Image.fromarray(shade).save(folder / f"{k}.png")  # transparent here and there, and twice as wide as high
    train = TrainConfig(framing="pad", ground="#ff0000")
    info = read_info(checkpoint)
    about = RunConfig.new(info.config, train, {"path": str(folder)})
    write_json(run / "config.json", replace(about, run=str(info.run)).to_json())
    (run / "checkpoints").mkdir(parents=True)
    inside = run / "checkpoints" / "step-00001234.safetensors"
    shutil.copy(checkpoint, inside)

    def scored(*words: object) -> dict[str, Any]:
        answer = gan("score", *words, "--data", folder, "--n", 12, "--json")
        assert answer.status == 0, answer.err
        found: dict[str, Any] = json.loads(answer.out)
        return found

    fakes = render_fakes(open_renderer(checkpoint, "cpu"), 12)

    def expected(framing: str, ground: str) -> float:
        size, channels = info.config.image_size, info.config.channels
        reals = open_dataset(folder, size, channels, framing=framing, ground=ground).images  # type: ignore[arg-type]
        return measure(fakes, reals).swd_mean

    for named in (run, inside):
        assert scored(named)["swd"]["mean"] == expected("pad", "#ff0000")
    assert scored(run, "--framing", "crop", "--ground", "black")["swd"]["mean"] == expected("crop", "black")
    assert scored(checkpoint)["swd"]["mean"] == expected("crop", "#ffffff")
    assert "framing" in gan("score", run, "--data", folder, "--framing", "stretch").refusal
    assert "no opaque colour" in gan("score", run, "--data", folder, "--ground", "nonsense").refusal


def test_mistakes_with_score(gan: Command, checkpoint: Path, reals: Path, tmp_path: Path) -> None:
    assert "--data" in gan("score", checkpoint).refusal
    assert "--n" in gan("score", checkpoint, "--data", reals, "--n", 3).refusal
    assert "--n" in gan("score", checkpoint, "--data", reals, "--n", 10**12).refusal
    assert "does not exist" in gan("score", checkpoint, "--data", tmp_path / "none").refusal
    assert "no checkpoint" in gan("score", tmp_path, "--data", reals).refusal
    assert "cannot be opened" in gan("score", tmp_path / "none.safetensors", "--data", reals).refusal
    np.save(tmp_path / "images.npy", np.zeros((3, MODEL.image_size, MODEL.image_size, 3), np.uint8))
    assert "too few" in gan("score", checkpoint, "--data", tmp_path, "--n", 16).refusal
