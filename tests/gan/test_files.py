from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from gan.errors import UserError
from gan.files import (
    LARGEST_JSON,
    atomic_path,
    read_json,
    require_ordinary,
    sha256_of,
    step_name,
    write_atomic,
    write_json,
    write_npy,
)
from gan.images import read_png_latent
from gan.latent.archives import load_archive
from gan.latent.directions import load_directions
from gan.latent.vectors import VectorNotes, load_notes, load_vectors, save_vectors


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "f.bin"
    for data in (b"old", b"", bytes(range(256)) * 1000):
        write_atomic(path, data)
        assert path.read_bytes() == data
    assert _names(path.parent) == ["f.bin"]


@pytest.mark.parametrize("error", [RuntimeError("bug"), KeyboardInterrupt(), UserError("no")])
def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    with pytest.raises(type(error)), atomic_path(path) as temporary:
        temporary.write_text("half of the n")
        raise error
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["f"]


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No space left") as caught, atomic_path(tmp_path / "f") as temporary:
        temporary.write_text("some")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(tmp_path / "f") in caught.value.text
    assert _names(tmp_path) == []


def test_the_target_is_untouched_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with atomic_path(path) as temporary:
        assert temporary.parent == tmp_path  # a rename across file systems would not be atomic
        assert not path.exists()
        temporary.write_text("new")
    assert path.read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_mode_is_what_open_would_give(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    write_atomic(tmp_path / "atomic", b"")
    assert stat.S_IMODE((tmp_path / "atomic").stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for path in (
        tmp_path / "file" / "f",
        tmp_path / "file" / "deeper" / "f",
        tmp_path / "folder",
        tmp_path / ("n" * 300),
    ):
        with pytest.raises(UserError, match="cannot be written") as caught:
            write_atomic(path, b"x")
        assert caught.value.hint
    assert _names(tmp_path) == ["file", "folder"]


def test_a_reader_sees_only_whole_files(tmp_path: Path) -> None:
    path = tmp_path / "f"
    whole = {bytes([letter]) * 100_000 for letter in b"ab"}
    write_atomic(path, b"a" * 100_000)
    seen: list[bytes] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for letter in b"ab" * 20:
        write_atomic(path, bytes([letter]) * 100_000)
    done.set()
    reader.join()
    assert seen and set(seen) <= whole


def test_json_round_trip(tmp_path: Path) -> None:
    value = {"z": [0.1, -1e-30], "name": "né\ud800", "none": None}
    write_json(tmp_path / "v.json", value)
    assert read_json(tmp_path / "v.json") == value
    assert (tmp_path / "v.json").read_bytes().endswith(b"\n")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"1" * 5000])
def test_damaged_json(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "v.json").write_bytes(data)
    with pytest.raises(UserError, match="not valid JSON"):
        read_json(tmp_path / "v.json")


def test_json_of_an_absurd_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.touch()
    os.truncate(path, LARGEST_JSON + 1)  # a hole, and no bytes on the disk
    with pytest.raises(UserError, match="is too large: 64 MiB"):
        read_json(path)


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(UserError, match=r"taken/new\.png cannot be written: Not a directory"):
        write_atomic(tmp_path / "taken" / "new.png", b"")


def test_missing_json(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(UserError, match="cannot be read"):
            read_json(path)


def test_a_value_that_is_no_json_leaves_the_old_file(tmp_path: Path) -> None:
    write_json(tmp_path / "v.json", 1)
    with pytest.raises(TypeError):
        write_json(tmp_path / "v.json", object())
    assert json.loads((tmp_path / "v.json").read_text()) == 1
    assert _names(tmp_path) == ["v.json"]


def test_an_array_comes_back_in_c_order_without_pickle(tmp_path: Path) -> None:
    array = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    write_npy(tmp_path / "v.npy", array)
    found = np.load(tmp_path / "v.npy", allow_pickle=False)
    assert found.dtype == np.float32 and found.flags.c_contiguous and np.array_equal(found, array)
    with pytest.raises(ValueError, match="allow_pickle"):
        write_npy(tmp_path / "v.npy", np.array([object()]))
    assert np.array_equal(np.load(tmp_path / "v.npy"), array)


def test_sha256(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5000
    (tmp_path / "f").write_bytes(data)
    assert sha256_of(tmp_path / "f") == hashlib.sha256(data).hexdigest()


def test_step_names_sort_like_steps() -> None:
    assert step_name(20_000) == "step-00020000"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["v.npy", "v.npz", "v.png", "d.npz"])
def test_a_pipe_is_refused_before_it_is_waited_for(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    os.mkfifo(path)
    readers = {
        "v.npy": load_vectors,
        "v.npz": load_archive,
        "v.png": read_png_latent,
        "d.npz": lambda path: load_directions(path, 3),
    }
    with pytest.raises(UserError, match="no ordinary file"):
        readers[name](path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_notes_in_a_pipe_are_no_notes(tmp_path: Path) -> None:
    save_vectors(tmp_path / "v.npy", np.zeros((2, 3), np.float32))
    os.mkfifo(tmp_path / "v.json")
    assert load_notes(tmp_path / "v.npy", 2) == VectorNotes()


def test_what_is_missing_is_no_ordinary_file_either(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        require_ordinary(tmp_path / "nothing")
    require_ordinary(Path(__file__))
