from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gan.errors import UserError
from gan.files import write_json
from gan.training import own_folder
from gan.training import runner as runs
from gan.training.own_folder import OwnFolder
from gan.training.run_directory import RunDirectory

from .conftest import MODEL, TRAIN


def test_it_looks_only_at_what_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = RunDirectory(tmp_path)
    folder = OwnFolder(directory, "a")
    assert not folder.is_there()
    write_json(directory.config_path, {"run": "a", "train": 1})
    assert folder.is_there()
    with monkeypatch.context() as patch:
        patch.setattr(own_folder, "read_json", lambda _: pytest.fail("read again"))
        assert folder.is_there()
    write_json(directory.config_path, {"run": "a", "train": 2})  # extended
    assert folder.is_there()
    write_json(directory.config_path, {"run": "b"})
    assert not folder.is_there() and not folder.is_there()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"train": {}}'])
def test_what_cannot_be_read_is_not_another_runs(tmp_path: Path, text: str) -> None:
    directory = RunDirectory(tmp_path)
    directory.config_path.write_text(text)
    assert OwnFolder(directory, "a").is_there()


def test_a_run_never_writes_into_another_that_was_moved_to_its_place(data: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "run", tmp_path / "other"
    runs.start(data, other, MODEL, replace(TRAIN, steps=1)).run(lambda _: None)
    before = {path.relative_to(other): path.read_bytes() for path in other.rglob("*") if path.is_file()}

    def move() -> bool:
        if other.exists():
            out.rename(tmp_path / "away")
            other.rename(out)
        return False

    with pytest.raises(UserError, match=f"The run's folder {out} has gone"):
        runs.start(data, out, MODEL, replace(TRAIN, steps=500)).run(lambda _: None, move)
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert (tmp_path / "away" / "config.json").is_file()
