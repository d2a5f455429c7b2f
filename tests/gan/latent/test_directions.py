"""Moving along directions leaves alone what is held; files are read without trusting them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan.errors import UserError
from gan.latent import directions
from gan.latent.directions import Direction, clean_name, free_part, held_basis, moved_along, unit
from gan.latent.draws import draw

DIM = 9


def direction(seed: int, name: str = "d", dim: int = DIM) -> Direction:
    return Direction(name, unit(draw(1, dim, seed)[0]), "file")


def free(dim: int = DIM) -> np.ndarray:
    return np.zeros(dim, np.bool_)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 1000),
    place=st.floats(-8, 8),
    frozen=st.lists(st.booleans(), min_size=DIM, max_size=DIM),
    held=st.integers(0, 3),
)
def test_what_is_held_stays_and_the_direction_arrives(seed: int, place: float, frozen: list[bool], held: int) -> None:
    z, mask = draw(1, DIM, seed)[0], np.array(frozen)
    locked = np.stack([direction(2000 + k).vector for k in range(3)])[:held]
    moving = direction(seed + 5000)
    try:
        new = moved_along(z, moving, place, mask, locked)
    except UserError:
        rest = free_part(moving.vector, mask, held_basis(mask, locked))
        assert np.linalg.norm(rest) < directions.TINY
        return
    assert new.dtype == np.float32 and new[mask].tobytes() == z[mask].tobytes()
    scale = 1e-6 * (1 + float(np.abs(new).max()) * DIM)
    np.testing.assert_allclose(new @ moving.vector, place, atol=scale)
    np.testing.assert_allclose(locked @ new, locked @ z, atol=scale)


def test_without_locks_the_latent_moves_by_the_vector_itself() -> None:
    z, moving = draw(1, DIM, 3)[0], direction(4)
    new = moved_along(z, moving, float(z @ moving.vector) + 2, free(), np.zeros((0, DIM), np.float32))
    np.testing.assert_allclose(new - z, 2 * moving.vector, atol=1e-5)


def test_a_direction_within_what_is_locked_says_so() -> None:
    moving, other = direction(1, "smile"), direction(2)
    with pytest.raises(UserError, match="“smile” lies within what is locked"):
        moved_along(draw(1, DIM, 0)[0], moving, 1.0, free(), np.stack([other.vector, moving.vector]))
    with pytest.raises(UserError, match="Unlock"):
        moved_along(draw(1, DIM, 0)[0], moving, 1.0, ~free(), np.zeros((0, DIM), np.float32))


def test_directions_that_depend_on_one_another_hold_no_more_than_they_span() -> None:
    one, two = direction(1).vector, direction(2).vector
    basis = held_basis(free(), np.stack([one, two, unit(one + two)]))
    assert basis.shape == (2, DIM)
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-9)
    assert held_basis(~free(), np.stack([one])).shape == (0, DIM)


def test_orthogonal_directions_leave_the_locked_ones_alone() -> None:
    a, b, c = (direction(seed, str(seed), 10) for seed in (2, 3, 4))
    rest = directions.orthogonal_to(a, [b, c])
    assert abs(rest.vector @ b.vector) < 1e-6 and abs(rest.vector @ c.vector) < 1e-6 and rest.vector @ a.vector > 0
    assert directions.orthogonal_to(a, []) is a
    with pytest.raises(UserError, match="nothing of it is left"):
        directions.orthogonal_to(replace(a, name="copy"), [a, b])


@pytest.mark.parametrize(
    ("accuracy", "labels", "says"),
    [(1.0, 19, "Only 19 labels"), (0.65, 26, "65 ± 9 %"), (0.5, 200, "50 ± 4 %"), (0.67, 60, ""), (0.9, 20, "")],
)
def test_a_direction_that_could_be_chance_warns(accuracy: float, labels: int, says: str) -> None:
    warning = replace(direction(0), method="attribute", accuracy=accuracy, labels=labels).warning
    assert says in warning and bool(says) == bool(warning)
    assert not replace(direction(0), method="sefa", accuracy=accuracy, labels=labels).warning


def test_a_deviation_is_that_of_a_share() -> None:
    assert replace(direction(0), accuracy=0.5, labels=21).deviation == 0.1
    few = replace(direction(0), accuracy=1.0, labels=4).deviation
    assert few is not None and few > 0.1, "four of four is not certain"
    assert direction(0).deviation is None


def test_directions_travel_as_a_file(tmp_path: Path) -> None:
    found = [
        Direction("a", unit(draw(1, 8, 0)[0]), "sefa", share=0.25),
        Direction("glasses ☺", unit(draw(1, 8, 1)[0]), "attribute", accuracy=0.75, labels=40),
    ]
    path = tmp_path / "d.npz"
    directions.save_directions(path, found, run="r", also={"window": {"locked": [1]}})
    with np.load(path, allow_pickle=False) as file:
        assert file["vectors"].shape == (2, 8) and file["vectors"].dtype == np.float32
    again, about = directions.read_directions(path, 8)
    for one, other in zip(found, again, strict=True):
        np.testing.assert_allclose(one.vector, other.vector, atol=1e-6)
        fields = ("name", "method", "share", "accuracy", "labels")
        assert [getattr(one, f) for f in fields] == [getattr(other, f) for f in fields]
    assert about["run"] == "r" and about["window"] == {"locked": [1]}
    assert directions.holds_directions(path)
    with pytest.raises(UserError, match="8 dimensions, but the model takes 9"):
        directions.load_directions(path, 9)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"no zip at all" * 9])
def test_damaged_files_are_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "d.npz"
    path.write_bytes(content)
    assert not directions.holds_directions(path)
    with pytest.raises(UserError, match="holds no directions"):
        directions.load_directions(path, 8)
    with pytest.raises(UserError, match="cannot be read"):
        directions.load_directions(tmp_path / "missing.npz", 8)
    with pytest.raises(UserError, match="no ordinary file"):
        directions.load_directions(tmp_path, 8)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "d.npz")
    assert not directions.holds_directions(tmp_path / "d.npz")
    with pytest.raises(UserError, match="no ordinary file"):
        directions.load_directions(tmp_path / "d.npz", 8)


ONE = np.ones((1, 8), np.float32)
NAMED = '{"directions": [{"name": "x"}]}'


@pytest.mark.parametrize(
    ("vectors", "about"),
    [
        (np.array([object()]), NAMED),
        (np.full((1, 8), np.nan, np.float32), NAMED),
        (np.zeros((1, 8), np.float32), NAMED),
        (np.ones((1, 8), np.int64), NAMED),
        (np.ones(8, np.float32), NAMED),
        (np.ones((2, 8), np.float32), NAMED),
        (ONE, "[]"),
        (ONE, "{}"),
        (ONE, "no JSON"),
        (ONE, "[" * 100_000),
        (ONE, '{"directions": {"0": 1}}'),
        (ONE, '{"directions": [{"name": "x"}], "space": "w"}'),
    ],
)
def test_strange_content_is_refused(tmp_path: Path, vectors: np.ndarray, about: str) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, vectors=vectors, about=np.array(about))
    with pytest.raises(UserError):
        directions.load_directions(path, 8)


def test_what_a_file_says_of_itself_is_cut_to_what_can_be_true(tmp_path: Path) -> None:
    entry = {"name": "a\n" + "b" * 500, "method": "evil", "share": 7, "accuracy": float("nan"), "labels": "many"}
    np.savez(tmp_path / "d.npz", vectors=5 * ONE, about=np.array(json.dumps({"directions": [entry]})))
    (found,) = directions.load_directions(tmp_path / "d.npz", 8)
    assert found.name.startswith("a bbb") and len(found.name) <= directions.MAX_NAME
    assert (found.method, found.share, found.accuracy, found.labels) == ("file", None, None, 0)
    np.testing.assert_allclose(np.linalg.norm(found.vector), 1, atol=1e-6)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "d.npz", vectors=np.ones((1000, 4096), np.float32), about=np.array(NAMED))
    with pytest.raises(UserError, match="unpack to far more"):
        directions.load_directions(tmp_path / "d.npz", 4096)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\u202etxt.exe", "atxt.exe"),
        ("bell\x07 and\x00 nul", "bell and nul"),
        ("two\nlines\tand  gaps", "two lines and gaps"),
        ("👩\u200d🎨 smile", "👩\u200d🎨 smile"),
        ("half \ud800", "half ?"),
        ("\u202e\x00", ""),
    ],
)
def test_a_name_is_what_one_sees(text: str, clean: str) -> None:
    assert clean_name(text) == clean
