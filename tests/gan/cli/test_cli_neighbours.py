from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan.latent.draws import draw
from gan.latent.neighbours import neighbours
from gan.latent.vectors import load_vectors, save_vectors

from .conftest import Command

VECTORS = draw(3, 6, 42)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    save_vectors(Path("z.npy"), VECTORS)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "row", "options"),
    [
        ([], 0, {}),
        (["--row", 2], 2, {}),
        (["--n", 3, "--seed", 9], 0, {"n": 3, "seed": 9}),
        (["--sigma", 0], 0, {"sigma": 0}),
        (["--sigma", 2], 0, {"sigma": 2}),
        (["--mode", "norm", "--sigma", 1.5], 0, {"mode": "norm", "sigma": 1.5}),
        (["--mode", "variance", "--sigma", 1], 0, {"mode": "variance", "sigma": 1}),
        (["--lock", "3,1"], 0, {"locked": [3, 1]}),
        (["--lock", " 0, 5,"], 0, {"locked": [0, 5]}),
        (["--lock", ""], 0, {}),
    ],
)
def test_every_flag(gan: Command, words: list, row: int, options: dict) -> None:
    answer = gan("neighbours", "--z", "z.npy", "--out", "near.npy", *words)
    assert (answer.status, answer.out, answer.err) == (0, "", "")
    found = np.load("near.npy", allow_pickle=False)
    assert found.dtype == np.float32
    assert np.array_equal(found, neighbours(VECTORS[row], **options))
    for dimension in options.get("locked", []):
        assert (found[:, dimension].tobytes()) == VECTORS[row, [dimension]].tobytes() * len(found)


def test_defaults_are_sixteen_at_half_a_sigma(gan: Command) -> None:
    gan("neighbours", "--z", "z.npy", "--out", "near.npy")
    assert np.array_equal(load_vectors(Path("near.npy")), neighbours(VECTORS[0], 0.5, 16, 0, "additive"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--row", 3], "rows are 0 to 2"),
        (["--row", -1], "rows are 0 to 2"),
        (["--sigma", 2.1], "sigma"),
        (["--sigma", -0.5], "sigma"),
        (["--sigma", "nan"], "sigma"),
        (["--sigma", "wide"], "--sigma"),
        (["--sigma", 1.1, "--mode", "variance"], "sigma"),
        (["--n", 0], "--n"),
        (["--n", 10**12], "--n"),
        (["--seed", -1], "seed"),
        (["--mode", "spherical"], "'spherical' is unknown"),
        (["--lock", "6"], "dimensions 0 to 5"),
        (["--lock", "-1"], "dimensions 0 to 5"),
        (["--lock", "9" * 30], "dimensions 0 to 5"),
        (["--lock", "a,b"], "--lock"),
        (["--lock", "1.5"], "--lock"),
        (["--out", "near.txt"], ".npy"),
        (["--out", "near"], ".npy"),
        (["--out", "z.npy/near.npy"], "cannot be written"),
        (["--z", "none.npy"], "none.npy"),
        (["--z", "."], "cannot be read"),
    ],
)
def test_mistakes(gan: Command, folder: Path, words: list, sentence: str) -> None:
    assert sentence in gan("neighbours", "--z", "z.npy", "--out", "near.npy", *words).refusal
    assert [path.name for path in folder.iterdir()] == ["z.npy"]


def test_missing_flags(gan: Command) -> None:
    assert "--z" in gan("neighbours", "--out", "near.npy").refusal
    assert "--out" in gan("neighbours", "--z", "z.npy").refusal


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")]
)
def test_too_little_memory_is_a_sentence(gan: Command, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("gan.cli.vectors.draw_neighbours", fail)
    assert "not enough memory" in gan("neighbours", "--z", "z.npy", "--out", "near.npy").refusal


def test_a_bug_keeps_its_traceback_and_ctrl_c_has_none(gan: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    error: BaseException = RuntimeError("a bug")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("gan.cli.vectors.draw_neighbours", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        gan("neighbours", "--z", "z.npy", "--out", "near.npy")
    error = KeyboardInterrupt()
    answer = gan("neighbours", "--z", "z.npy", "--out", "near.npy")
    assert (answer.status, answer.out, answer.err) == (130, "", "")
