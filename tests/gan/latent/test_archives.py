from __future__ import annotations

import io
import json
import os
import pickle
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan.errors import UserError
from gan.latent.archives import load_archive, save_archive
from gan.latent.draws import draw
from gan.latent.vectors import VectorNotes

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
NOTES = VectorNotes(
    names=["a", "ü “b”"], ratings=[3, 0], tags=[["x", "y"], []], notes=["", "two\nlines"], space="z",
    model_sha256="ab" * 32, run="run",
)  # fmt: skip


def packed(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return path


def npy(array: object, **options: bool) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(array), **options)
    return buffer.getvalue()


@settings(max_examples=30, deadline=None)  # each writes a file
@given(data=st.data(), vectors=hnp.arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=finite))
def test_round_trip_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, vectors: np.ndarray
) -> None:
    path = tmp_path_factory.mktemp("v") / "v.npz"
    texts = st.lists(st.text(max_size=10), min_size=len(vectors), max_size=len(vectors))
    notes = VectorNotes(names=data.draw(texts), notes=data.draw(texts))
    save_archive(path, vectors, notes)
    found, about = load_archive(path, vectors.shape[1])
    assert found.tobytes() == vectors.tobytes() and found.shape == vectors.shape and found.dtype == np.float32
    assert about == notes


def test_other_programs_can_read_it(tmp_path: Path) -> None:
    z = draw(2, 3, 0)
    save_archive(tmp_path / "v.npz", z, NOTES)
    with np.load(tmp_path / "v.npz", allow_pickle=False) as archive:
        assert sorted(archive) == ["json", "names", "z"]
        assert archive["z"].tobytes() == z.tobytes() and archive["z"].dtype == np.dtype("<f4")
        assert archive["names"].tolist() == NOTES.names
        assert json.loads(archive["json"].item()) == NOTES.to_json()


def test_what_others_write_is_read(tmp_path: Path) -> None:
    z = draw(2, 3, 0)
    np.savez(tmp_path / "v.npz", z=z.astype(np.float64), names=np.array(["a", "b"]), more=np.arange(3))
    found, notes = load_archive(tmp_path / "v.npz")
    assert found.tobytes() == z.tobytes() and notes == VectorNotes(names=["a", "b"])
    np.savez(tmp_path / "v.npz", z=z[0])
    assert load_archive(tmp_path / "v.npz")[0].shape == (1, 3)


@pytest.mark.parametrize(
    "members",
    [
        {"json": b"", "names": b"x"},
        {"json": npy("{"), "names": npy(["a"])},
        {"json": npy(["{}", "{}"]), "names": npy([1, 2])},
        {"json": npy(np.array({"names": ["a", "b"]}, object), allow_pickle=True)},
        {"names": npy(np.array([None, None], object), allow_pickle=True)},
    ],
)
def test_strange_notes_cost_no_vector(tmp_path: Path, members: dict[str, bytes]) -> None:
    z = draw(2, 3, 0)
    found, notes = load_archive(packed(tmp_path / "v.npz", z=npy(z), **members))
    assert found.tobytes() == z.tobytes() and notes == VectorNotes()


class Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, ("executed",))


@pytest.mark.parametrize(
    ("z", "word"),
    [
        (npy(np.array([Bomb()], object), allow_pickle=True), "objects"),
        (pickle.dumps(Bomb()), "not a valid"),
        (npy(np.full((2, 3), np.nan, np.float32)), "NaN"),
        (npy(np.zeros((2, 3), np.int64)), "int64"),
        (npy(np.zeros((2, 4), np.float32)), "4 dimensions"),
        (npy(np.zeros((2, 3, 4), np.float32)), "shape"),
        (npy(np.zeros((2, 3), np.float32))[:-4], "promises more"),
        (b"", "not a valid"),
    ],
)
def test_bad_vectors_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, z: bytes, word: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=word) as told:
        load_archive(packed(tmp_path / "v.npz", z=z), 3)
    assert "v.npz" in str(told.value) and "\n" not in str(told.value)
    assert not (tmp_path / "executed").exists()


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    zeros = npy(np.zeros((2**22, 4), np.float32))  # 64 MiB that shrink to nothing
    with pytest.raises(UserError, match="unpack"):
        load_archive(packed(tmp_path / "z.npz", z=zeros))
    with pytest.raises(UserError, match="unpack"):
        load_archive(packed(tmp_path / "n.npz", z=npy(draw(1, 2, 0)), names=zeros))
    with pytest.raises(UserError, match="unpack"):
        load_archive(packed(tmp_path / "m.npz", z=npy(draw(1, 2, 0)), **{f"m{k}": b"" for k in range(100)}))


def test_foreign_and_missing_files(tmp_path: Path) -> None:
    for data in (b"", b"PK\x03\x04", npy(draw(2, 2, 0)), os.urandom(500)):
        (tmp_path / "v.npz").write_bytes(data)
        with pytest.raises(UserError, match="not a valid"):
            load_archive(tmp_path / "v.npz")
    with pytest.raises(UserError, match="holds no array"):
        load_archive(packed(tmp_path / "v.npz", y=npy(draw(1, 2, 0))))
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(UserError, match="cannot be read"):
            load_archive(path)


@pytest.mark.parametrize("seed", range(40))
def test_damage_anywhere_is_a_sentence_or_harmless(tmp_path: Path, seed: int) -> None:
    z = draw(3, 8, 0)
    save_archive(tmp_path / "v.npz", z, VectorNotes(names=["a", "b", "c"]))
    data, chance = bytearray((tmp_path / "v.npz").read_bytes()), random.Random(seed)
    for _ in range(3):
        data[chance.randrange(len(data))] = chance.randrange(256)
    (tmp_path / "v.npz").write_bytes(data)
    try:
        found, _ = load_archive(tmp_path / "v.npz", 8)
    except UserError:
        return
    assert found.tobytes() == z.tobytes()
