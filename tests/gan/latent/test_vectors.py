from __future__ import annotations

import io
import json
import os
import pickle
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan.errors import UserError
from gan.latent.draws import draw
from gan.latent.vectors import VectorNotes, load_notes, load_vectors, save_vectors

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
NOTES = VectorNotes(
    names=["a", "b"], ratings=[3, 0], tags=[["x", "y"], []], space="w", model_sha256="ab" * 32, run="run"
)


def _bytes(array: object, **options: bool) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def _file(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "v.npy"
    path.write_bytes(data)
    return path


def _header(text: str | bytes, version: tuple[int, int] = (1, 0), body: bytes = bytes(64)) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    length = struct.pack("<H" if version == (1, 0) else "<I", len(raw))
    return b"\x93NUMPY" + bytes(version) + length + raw + body


def _describe(shape: str, descr: str = "'<f4'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n"


@settings(max_examples=30, deadline=None)  # each writes a file
@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=finite))
def test_round_trip_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, vectors: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("v") / "v.npy"
    save_vectors(path, vectors)
    found = load_vectors(path, vectors.shape[1])
    assert found.tobytes() == vectors.tobytes() and found.shape == vectors.shape and found.dtype == np.float32
    plain = np.load(path, allow_pickle=False)
    assert plain.dtype == np.dtype("<f4") and plain.flags.c_contiguous
    assert not path.with_suffix(".json").exists()


@pytest.mark.parametrize("dtype", ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "longdouble"])
def test_other_floats_are_converted(tmp_path: Path, dtype: str) -> None:
    values = draw(3, 4, 0).astype(dtype)
    found = load_vectors(_file(tmp_path, _bytes(values)))
    assert found.dtype == np.dtype("=f4") and found.flags.c_contiguous
    assert np.array_equal(found, values.astype(np.float32))


def test_fortran_order_is_converted(tmp_path: Path) -> None:
    values = np.asfortranarray(draw(3, 4, 0))
    found = load_vectors(_file(tmp_path, _bytes(values)))
    assert found.flags.c_contiguous and np.array_equal(found, values)
    save_vectors(tmp_path / "saved.npy", values)
    assert b"'fortran_order': False" in (tmp_path / "saved.npy").read_bytes()


def test_a_single_vector_is_one_row(tmp_path: Path) -> None:
    assert load_vectors(_file(tmp_path, _bytes(np.arange(5.0))), 5).tolist() == [[0, 1, 2, 3, 4]]


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_the_format(tmp_path: Path, version: tuple[int, int]) -> None:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, draw(2, 3, 0), version)
    assert np.array_equal(load_vectors(_file(tmp_path, buffer.getvalue())), draw(2, 3, 0))


def test_a_file_of_python_2_loads_in_silence(tmp_path: Path) -> None:
    assert load_vectors(_file(tmp_path, _header(_describe("(4L, 4L)")))).shape == (4, 4)


class _Trap:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    trap, sprung = _Trap(tmp_path / "sprung"), tmp_path / "sprung"
    objects = np.empty((2, 2), object)
    objects[:] = trap
    structured = np.empty(2, [("a", object)])
    structured["a"] = trap
    for data in (
        _bytes(objects, allow_pickle=True), _bytes(structured, allow_pickle=True), pickle.dumps(trap),
        _header(_describe("(1, 1)")[:-2] + f", 'x': __import__('os').mkdir({str(sprung)!r})}}"),
        _header(_describe("(4, 4)", "'|O'"), body=pickle.dumps(trap)),
    ):  # fmt: skip
        with pytest.raises(UserError):
            load_vectors(_file(tmp_path, data))
    assert not sprung.exists()


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((2, 2), np.int64), "int64"),
        (np.zeros((2, 2), np.uint8), "uint8"),
        (np.zeros((2, 2), bool), "bool"),
        (np.zeros((2, 2), np.complex64), "complex64"),
        (np.array([["a"]]), "float32"),
        (np.zeros((2, 2), "M8[s]"), "datetime"),
        (np.zeros(2, [("a", "<f4"), ("b", "<f4")]), "float32"),
        (np.array([[1, np.nan]]), "NaN"),
        (np.array([[1, np.inf]], np.float32), "infinite"),
        (np.array([[1, -1e300]]), "infinite"),  # finite as a double, not as float32
        (np.float32(1), "shape"),
        (np.zeros((1, 2, 3), np.float32), "shape"),
        (np.zeros((0, 3), np.float32), "shape"),
        (np.zeros((3, 0), np.float32), "shape"),
        (np.zeros(0, np.float32), "shape"),
    ],
)
def test_what_holds_no_vectors_is_refused(tmp_path: Path, array: np.ndarray, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        load_vectors(_file(tmp_path, _bytes(array)))
    assert "\n" not in str(caught.value)


def test_another_dimension_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="4 dimensions, but the model takes 5"):
        load_vectors(_file(tmp_path, _bytes(draw(2, 4, 0))), 5)


def test_truncated_anywhere(tmp_path: Path) -> None:
    good = _bytes(draw(2, 3, 0))
    for length in range(len(good)):
        with pytest.raises(UserError):
            load_vectors(_file(tmp_path, good[:length]))
    assert np.array_equal(load_vectors(_file(tmp_path, good + b"more")), draw(2, 3, 0))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_bytes_changed_anywhere_are_vectors_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(_bytes(draw(2, 3, 0)))
    for offset in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=4)):
        damaged[offset] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.npy"
    path.write_bytes(damaged)
    try:
        found = load_vectors(path)
    except UserError:
        return
    assert found.ndim == 2 and found.dtype == np.float32 and np.isfinite(found).all()


HEADERS = {
    "unbalanced": "{'descr': '<f4', 'fortran_order': False, 'shape': (3,",
    "parentheses": "(" * 9000,
    "minus signs": "-" * 9000 + "1",
    "mixed keys": "{1: 2, 'a': 3, b'': 1}",
    "unhashable": "{[]: 1}",
    "no dictionary": "[1, 2]",
    "warning in the syntax": _describe("(1is 1, 2)"),
    "tuple type": _describe("(3,)", "('<f4',)"),
    "list type": _describe("(3,)", "[1]"),
    "no type": _describe("(3,)", "'nonsense'"),
    "wide type": _describe("(3,)", "'<f99999999999999'"),
    "nested type": _describe("(2, 2)", "('<f4', (2,))"),
    "shape of booleans": _describe("(True, True)"),
    "shape of texts": _describe("('3',)"),
    "negative": _describe("(-1, 4)"),
    "negative row": _describe("(-4,)"),
    "twice negative": _describe("(-4, -4)"),
    "not utf-8": b"\xff\xfe",
    "empty": "",
    "code": "__import__('os').getcwd()",
}


@pytest.mark.parametrize("version", [(1, 0), (3, 0), (9, 9)])
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_hostile_headers(tmp_path: Path, header: str | bytes, version: tuple[int, int]) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(UserError):
            load_vectors(_file(tmp_path, _header(header, version)))
    assert not told  # on the command line a warning would be a second line on stderr


@pytest.mark.parametrize(
    "shape", ["(99999999999999999999999, 4)", "(2147483648, 1024)", "(17, 1)", "(4294967296, 4294967296)"]
)
def test_a_header_that_promises_too_much_claims_no_memory(tmp_path: Path, shape: str) -> None:
    with pytest.raises(UserError, match="promises more"):
        load_vectors(_file(tmp_path, _header(_describe(shape))))


@pytest.mark.skipif(os.name != "posix", reason="elsewhere such a file is not sparse")
def test_a_large_sparse_file_claims_no_memory(tmp_path: Path) -> None:
    path = _file(tmp_path, _header(_describe("(1048576, 1024)")))
    with open(path, "r+b") as file:
        file.truncate(2**32 + 2**20)
    with pytest.raises(UserError, match="promises more"):
        load_vectors(path)


def test_foreign_and_missing_files(tmp_path: Path) -> None:
    archive = io.BytesIO()
    np.savez(archive, z=draw(2, 2, 0))
    for data in (b"", b"\n", b"PK\x03\x04", archive.getvalue(), b"1.0 2.0\n3.0 4.0\n", os.urandom(500)):
        with pytest.raises(UserError, match="not a valid"):
            load_vectors(_file(tmp_path, data))
    for path in (tmp_path / "none.npy", tmp_path):
        with pytest.raises(UserError, match="cannot be read"):
            load_vectors(path)


def test_notes_round_trip(tmp_path: Path) -> None:
    save_vectors(tmp_path / "a.b.npy", draw(2, 3, 0), NOTES)
    assert load_notes(tmp_path / "a.b.npy", 2) == NOTES
    assert json.loads((tmp_path / "a.b.json").read_text()) == NOTES.to_json()


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"null", b'{"names": 3}'])
def test_no_usable_notes_are_empty_notes(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "v.json").write_bytes(content)
    assert load_notes(tmp_path / "v.npy", 2) == VectorNotes()


def test_notes_that_do_not_fit_are_left_out_field_by_field(tmp_path: Path) -> None:
    notes = {
        "names": ["one too few"], "ratings": [1, "2"], "tags": [["x", 3], []], "space": 5, "model_sha256": [],
        "run": "r", "surplus": {},
    }  # fmt: skip
    (tmp_path / "v.json").write_text(json.dumps(notes))
    assert load_notes(tmp_path / "v.npy", 2) == VectorNotes(tags=[["x", "3"], []], run="r")


def test_notes_can_always_be_stored(tmp_path: Path) -> None:
    """JSON may hold half of a surrogate pair; SQLite and files take no such text."""
    half = r'"\ud800x"'
    (tmp_path / "v.json").write_text(
        f'{{"names": [{half}], "tags": [[{half}]], "run": {half}, "model_sha256": {half}}}'
    )
    notes = load_notes(tmp_path / "v.npy", 1)
    assert (notes.names, notes.tags, notes.run, notes.model_sha256) == (["?x"], [["?x"]], "?x", "?x")
