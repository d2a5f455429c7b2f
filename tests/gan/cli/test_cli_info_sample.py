from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan.checkpoints import CheckpointInfo, load_checkpoint, read_info, save_checkpoint
from gan.files import sha256_of
from gan.images import read_png_latent, sheet, to_uint8
from gan.latent.draws import draw
from gan.latent.neighbours import around
from gan.latent.vectors import save_vectors
from gan.models import build_generator
from gan.rendering import open_renderer

from .conftest import ABOUT, MODEL, Command


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_info_json(gan: Command, checkpoint: Path) -> None:
    answer = gan("info", checkpoint, "--json")
    about = json.loads(answer.out)
    assert answer.status == 0 and answer.err == ""
    assert {"family", "config", "step", "run", "sha256", "source", "warnings"} <= about.keys()
    assert about["family"] == "dcgan" and about["source"] == "native" and about["warnings"] == []
    assert about["config"] == MODEL.to_json()
    assert {key: about[key] for key in ABOUT} == ABOUT
    assert about["sha256"] == sha256_of(checkpoint)


def test_info_for_people(gan: Command, checkpoint: Path) -> None:
    answer = gan("info", checkpoint)
    assert answer.status == 0
    lines = dict(line.split(maxsplit=1) for line in answer.out.splitlines())
    assert lines["step"] == "1234" and lines["sha256"] == sha256_of(checkpoint)
    assert "z_dim 6" in lines["config"]
    assert lines["warnings"] == lines["data"] == lines["parent"] == "none"


def test_info_of_a_run_is_its_newest_checkpoint(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    for folder, steps in (("run/checkpoints", (0, 20, 5)), ("stages", (3, 100))):
        (tmp_path / folder).mkdir(parents=True)
        for step in steps:
            model = load_checkpoint(checkpoint)
            info = replace(model.info, step=step)
            save_checkpoint(tmp_path / folder / f"step-{step:08d}.safetensors", model.generator, info)
    assert json.loads(gan("info", tmp_path / "run", "--json").out)["step"] == 20
    assert json.loads(gan("info", tmp_path / "stages", "--json").out)["step"] == 100
    assert "holds no checkpoint" in gan("info", tmp_path).refusal


def test_what_a_checkpoint_says_cannot_harm_the_terminal(gan: Command, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    info = CheckpointInfo(path, "dcgan", MODEL, 1, objective="\x1b[2J\ud800\nstep 9", data={"name": "[/b]\r"})
    save_checkpoint(path, build_generator(MODEL), info)
    answer = gan("info", path)
    assert answer.status == 0
    assert "\x1b" not in answer.out and "\r" not in answer.out and "\nstep 9" not in answer.out
    assert gan("info", path, "--json").out.isascii()


@pytest.mark.parametrize("command", ["info", "sample", "convert"])
def test_bad_checkpoints(gan: Command, checkpoint: Path, tmp_path: Path, command: str) -> None:
    good = checkpoint.read_bytes()
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "short.safetensors").write_bytes(good[:100])
    (tmp_path / "foreign.safetensors").write_bytes(b"\x80\x04\x95 pickle")
    out = {"info": [], "sample": ["--out", tmp_path / "o.png"], "convert": ["--out", tmp_path / "o.safetensors"]}
    for name in ("none", "empty", "short", "foreign"):
        assert name in gan(command, tmp_path / f"{name}.safetensors", *out[command]).refusal
    assert not list(tmp_path.glob("o.*"))


def test_sample_array(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.npy"
    assert gan("sample", checkpoint, "--n", 5, "--seed", 7, "--out", out).status == 0
    images = np.load(out, allow_pickle=False)
    assert images.dtype == np.uint8 and images.shape == (5, 32, 32, 3)
    assert np.array_equal(images, open_renderer(checkpoint, "cpu").pixels(draw(5, 6, 7)))
    assert images.std() > 20  # pictures worth comparing


def test_sample_raw_is_the_networks_own_output(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    gan("sample", checkpoint, "--n", 3, "--seed", 7, "--raw", "--out", tmp_path / "raw.npy")
    raw = np.load(tmp_path / "raw.npy", allow_pickle=False)
    assert raw.dtype == np.float32 and raw.shape == (3, 3, 32, 32)
    generator = load_checkpoint(checkpoint).generator
    with torch.no_grad():
        expected = generator(torch.from_numpy(draw(3, 6, 7))).numpy()
    np.testing.assert_allclose(raw, expected, atol=1e-5)
    gan("sample", checkpoint, "--n", 3, "--seed", 7, "--out", tmp_path / "o.npy")
    assert np.array_equal(to_uint8(raw), np.load(tmp_path / "o.npy"))


def test_seed_rows_do_not_depend_on_n_and_default_to_sixteen(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    for n in (1, 4):
        gan("sample", checkpoint, "--n", n, "--seed", 3, "--out", tmp_path / f"{n}.npy")
    gan("sample", checkpoint, "--seed", 3, "--out", tmp_path / "16.npy")
    one, four, sixteen = (np.load(tmp_path / f"{n}.npy") for n in (1, 4, 16))
    assert len(sixteen) == 16
    assert np.array_equal(one, four[:1]) and np.array_equal(four, sixteen[:4])


def test_the_same_pixels_in_array_picture_sheet_and_folder(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    def sample(n: int, name: str) -> Path:
        assert gan("sample", checkpoint, "--n", n, "--seed", 2, "--out", tmp_path / name).status == 0
        return tmp_path / name

    images = np.load(sample(5, "o.npy"))
    assert np.array_equal(_pixels(sample(1, "one.png")), images[0])
    assert np.array_equal(_pixels(sample(5, "sheet.png")), sheet(images, 3))
    folder = sample(5, "new/folder")
    assert sorted(path.name for path in folder.iterdir()) == [f"{index:05d}.png" for index in range(5)]
    for index, path in enumerate(sorted(folder.iterdir())):
        assert np.array_equal(_pixels(path), images[index])


def test_pngs_carry_their_latent(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    gan("sample", checkpoint, "--n", 1, "--seed", 2, "--out", tmp_path / "one.png")
    gan("sample", checkpoint, "--n", 2, "--seed", 2, "--scale", 2, "--out", tmp_path / "folder")
    latents = draw(2, 6, 2)
    for path, latent in (
        (tmp_path / "one.png", latents[0]),
        (tmp_path / "folder" / "00000.png", latents[0]),
        (tmp_path / "folder" / "00001.png", latents[1]),
    ):
        about = read_png_latent(path)
        assert np.array(about["latent"], np.float32).tobytes() == latent.tobytes()
        assert (about["space"], about["model_sha256"], about["step"]) == ("z", sha256_of(checkpoint), 1234)


def test_scale_enlarges_pictures_and_sheets(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    for n in (1, 3):
        for scale in (1, 3):
            gan("sample", checkpoint, "--n", n, "--scale", scale, "--out", tmp_path / f"{n}-{scale}.png")
        small, large = _pixels(tmp_path / f"{n}-1.png"), _pixels(tmp_path / f"{n}-3.png")
        assert np.array_equal(large, small.repeat(3, 0).repeat(3, 1))
    with Image.open(tmp_path / "3-3.png") as image:
        about = json.loads(image.info["latent-debugger-sheet"])
    assert about == {"columns": 2, "tile": 96, "count": 3, "step": 1234}


def test_sample_of_given_vectors(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    vectors = draw(3, 6, 99) * 2
    save_vectors(tmp_path / "z.npy", vectors)
    gan("sample", checkpoint, "--z", tmp_path / "z.npy", "--out", tmp_path / "o.npy")
    assert np.array_equal(np.load(tmp_path / "o.npy"), open_renderer(checkpoint, "cpu").pixels(vectors))
    np.save(tmp_path / "row.npy", vectors[1])
    gan("sample", checkpoint, "--z", tmp_path / "row.npy", "--out", tmp_path / "row.png")
    assert np.array_equal(_pixels(tmp_path / "row.png"), np.load(tmp_path / "o.npy")[1])


def test_sample_around_bookmarks(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    stars = draw(3, 6, 99)
    save_vectors(tmp_path / "b.npy", stars)
    words = (
        "sample",
        checkpoint,
        "--bookmarks",
        tmp_path / "b.npy",
        "--n",
        4,
        "--seed",
        5,
        "--out",
        tmp_path / "o.npy",
    )
    renderer = open_renderer(checkpoint, "cpu")
    for extra, sigma in (((), 0.5), (("--sigma", 1.5), 1.5)):
        assert gan(*words, *extra).status == 0
        assert np.array_equal(np.load(tmp_path / "o.npy"), renderer.pixels(around(stars, sigma, 4, 5)))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--raw", "--out", "o.png"], "--raw"),
        (["--raw", "--out", "folder"], "--raw"),
        (["--out", "o.jpg"], "must end in .png or .npy"),
        (["--out", "o.png", "--scale", 0], "--scale"),
        (["--out", "o.png", "--scale", 17], "--scale"),
        (["--out", "o.png", "--n", 0], "--n"),
        (["--out", "o.png", "--n", -3], "--n"),
        (["--out", "o.png", "--n", 10**12], "--n"),
        (["--out", "o.png", "--n", 10**30], "--n"),
        (["--out", "o.png", "--n", "many"], "--n"),
        (["--out", "o.png", "--seed", -1], "seed"),
        (["--out", "o.png", "--seed", 2**32], "seed"),
        (["--out", "o.png", "--seed", 1.5], "--seed"),
        (["--out", "o.png", "--device", "toaster"], "'toaster' is no device"),
        (["--out", "o.png", "--device", "cuda:99"], "cuda:99"),
        (["--out", "o.png", "--device", "cuda:99999999999999999999"], "cuda:99999"),
        (["--out", "o.png", "--device", "meta"], "meta"),
        (["--out", "o.png", "--device", ""], "device"),
        (["--out", "o.png", "--z", "good.npy", "--n", 2], "--z says"),
        (["--out", "o.png", "--z", "good.npy", "--bookmarks", "good.npy"], "--z says"),
        (["--out", "o.png", "--z", "missing.npy"], "missing.npy"),
        (["--out", "o.png", "--z", "wide.npy"], "7 dimensions, but the model takes 6"),
        (["--out", "o.png", "--z", "nan.npy"], "NaN"),
        (["--out", "o.png", "--z", "large.npy"], "infinite"),
        (["--out", "o.png", "--z", "text.npy"], "not a valid .npy"),
        (["--out", "o.png", "--bookmarks", "wide.npy"], "7 dimensions"),
        (["--out", "o.png", "--bookmarks", "good.npy", "--sigma", "nan"], "sigma"),
        (["--out", "o.png", "--bookmarks", "good.npy", "--sigma", 2.5], "sigma"),
        (["--out", "text.npy/o.png"], "cannot be written"),
        (["--out", "text.npy/folder"], "cannot be written"),
        (["--out", "folder.png"], "cannot be written"),
        ([], "--out"),
        (["--out"], "--out"),
        (["--out", "o.png", "--colour", 3], "--colour"),
    ],
)
def test_mistakes(
    gan: Command, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("good.npy", draw(2, 6, 0))
    np.save("wide.npy", draw(2, 7, 0))
    np.save("nan.npy", np.full((1, 6), np.nan, np.float32))
    np.save("large.npy", np.full((1, 6), 1e300))
    Path("text.npy").write_text("1 2 3 4 5 6\n")
    Path("folder.png").mkdir()
    before = sorted(Path().iterdir())
    assert sentence in gan("sample", checkpoint, *words).refusal
    assert sorted(Path().iterdir()) == before


def test_convert_keeps_the_model(gan: Command, checkpoint: Path, tmp_path: Path) -> None:
    assert gan("convert", checkpoint, "--out", tmp_path / "full.safetensors").status == 0
    assert gan("convert", checkpoint, "--half", "--out", tmp_path / "half.safetensors").status == 0
    original = open_renderer(checkpoint, "cpu").raw(draw(2, 6, 0))
    assert np.array_equal(open_renderer(tmp_path / "full.safetensors", "cpu").raw(draw(2, 6, 0)), original)
    half = open_renderer(tmp_path / "half.safetensors", "cpu").raw(draw(2, 6, 0))
    np.testing.assert_allclose(half, original, atol=0.02)
    assert (tmp_path / "half.safetensors").stat().st_size < 0.7 * checkpoint.stat().st_size
    assert load_checkpoint(tmp_path / "half.safetensors", with_critic=True).critic is not None
    assert read_info(tmp_path / "half.safetensors").run == ABOUT["run"]
    assert ".safetensors" in gan("convert", checkpoint, "--out", tmp_path / "o.pt").refusal


@pytest.mark.parametrize("words", [[], ["dataset"]])
def test_no_command_says_where_to_look(gan: Command, words: list[str]) -> None:
    assert "--help" in gan(*words).refusal


@pytest.mark.parametrize("cut", [1, 1000])
def test_info_refuses_a_truncated_checkpoint(gan: Command, checkpoint: Path, tmp_path: Path, cut: int) -> None:
    short = tmp_path / "short.safetensors"
    short.write_bytes(checkpoint.read_bytes()[:-cut])
    assert "short.safetensors" in gan("info", short).refusal
    short.write_bytes(checkpoint.read_bytes() + b"x")
    assert "short.safetensors" in gan("info", short).refusal


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_or_closed_stdout_is_no_traceback(checkpoint: Path) -> None:
    for redirection in (">/dev/full", ">&-"):
        command = f"{sys.executable} -m gan info '{checkpoint}' --json {redirection}"
        done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True)
        assert "Traceback" not in done.stderr and done.stderr.count("\n") <= 1, done.stderr


def test_a_path_that_no_system_takes(gan: Command, tmp_path: Path) -> None:
    assert gan("train", tmp_path, "--out", tmp_path / ("a" * 300)).refusal


def test_help(gan: Command) -> None:
    answer = gan("--help")
    assert answer.status == 0 and answer.err == ""
    for command in ("info", "sample", "neighbours", "train", "score", "convert", "dataset"):
        assert command in answer.out
        assert gan(command, "--help").status == 0


def test_an_unknown_command(gan: Command) -> None:
    assert gan("smaple").refusal == "No such command 'smaple'. Did you mean 'sample'? Try 'python -m gan --help'."
    assert gan("xyz").refusal == "No such command 'xyz'. Try 'python -m gan --help'."


def test_as_a_program(checkpoint: Path, tmp_path: Path) -> None:
    """What capturing in one process cannot show: the real exit status, and stderr with no word from any library."""

    def program(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gan", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"LC_ALL": "C"})

    good = program("info", checkpoint, "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["step"] == 1234
    (tmp_path / "m.safetensors").write_bytes(checkpoint.read_bytes()[:-1])
    bad = program("sample", "m.safetensors", "--out", "o.npy")
    assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (2, "", 1)
    assert "truncated or damaged" in bad.stderr


def test_a_mistyped_option_is_answered_without_loading_torch(tmp_path: Path) -> None:
    """Seconds of waiting for a typing error are an insult."""
    check = (
        "import sys, gan.cli\ntry: gan.cli.main(['sample', 'x', '--nn', '3'])\nfinally: print('torch' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, cwd=tmp_path)
    assert (answer.returncode, answer.stdout.strip()) == (2, "False")


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX's")
def test_a_reader_that_leaves_early_is_no_error(checkpoint: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-m", "gan", "info", str(checkpoint)]
    answer = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, env=env)
    os.close(writing)
    assert (answer.returncode, answer.stderr) == (0, "")
