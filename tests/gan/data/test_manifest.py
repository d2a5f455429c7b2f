"""The manifest: what goes in comes out, what is no entry is named, and who is trained on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan.data.manifest import Entry, chosen, read_manifest, write_manifest
from gan.data.sources import list_pictures
from gan.errors import UserError

entries = st.builds(
    Entry,
    path=st.text(),
    sha256=st.text("0123456789abcdef", max_size=64),
    keep=st.sampled_from([None, True, False]),
    scores=st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False), max_size=3),
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(entries, max_size=4))
def test_what_is_written_is_read(tmp_path: Path, written: list[Entry]) -> None:
    write_manifest(tmp_path / "a.jsonl", written)
    assert read_manifest(tmp_path / "a.jsonl") == written


def test_names_that_are_no_unicode_survive(tmp_path: Path) -> None:
    write_manifest(tmp_path / "a.jsonl", [Entry("caf\udce9.png")])
    assert read_manifest(tmp_path / "a.jsonl")[0].path == "caf\udce9.png"


def test_each_line_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    write_manifest(tmp_path / "a.jsonl", [Entry("a.png", "ff", True, {"size": 3.0}), Entry("b.png")])
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {"path": "a.png", "sha256": "ff", "keep": True, "scores": {"size": 3.0}}
    assert json.loads(lines[1]) == {"path": "b.png", "sha256": None, "keep": None, "scores": {}}


@pytest.mark.parametrize(
    "entry",
    [
        {"path": 3},
        {"sha256": "ff"},
        {"path": "a", "keep": 1},
        {"path": "a", "keep": "yes"},
        {"path": "a", "sha256": 7},
        {"path": "a", "scores": [1]},
        {"path": "a", "scores": {"size": "large"}},
        {"path": "a", "scores": {"size": True}},
        {"path": "a", "scores": {"size": 10**400}},
        {"path": "x/" * 2049},
    ],
)
def test_a_line_that_is_no_entry_is_named(tmp_path: Path, entry: dict) -> None:
    (tmp_path / "a.jsonl").write_text('{"path": "a.png"}\n' + json.dumps(entry))
    with pytest.raises(UserError, match=r"Line 2 of .*a\.jsonl is no manifest entry"):
        read_manifest(tmp_path / "a.jsonl")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_scores_are_finite(tmp_path: Path, number: str) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"path": "a", "scores": {{"size": {number}}}}}')
    with pytest.raises(UserError, match="Line 1"):
        read_manifest(tmp_path / "a.jsonl")


def test_a_manifest_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_manifest(tmp_path / "none.jsonl")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        write_manifest(tmp_path / "file" / "a.jsonl", [])


def test_an_interrupted_write_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_manifest(path, [Entry("a.png")])

    def broken():  # type: ignore[no-untyped-def]
        yield Entry("b.png")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_manifest(path, broken())
    assert [entry.path for entry in read_manifest(path)] == ["a.png"]
    assert list(tmp_path.iterdir()) == [path]


def test_the_kept_are_chosen_or_else_all_that_are_not_rejected() -> None:
    yes, no, open_ = Entry("a", keep=True), Entry("b", keep=False), Entry("c")
    assert chosen([yes, no, open_]) == [yes]
    assert chosen([no, open_]) == [open_]
    assert chosen([no]) == []


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    for name in ("pipe.jsonl", "pipe.zip", "pipe.npy"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(UserError, match="no ordinary file"):
            list_pictures(tmp_path / name)
    with pytest.raises(UserError, match="no ordinary file"):
        read_manifest(tmp_path / "pipe.jsonl")
