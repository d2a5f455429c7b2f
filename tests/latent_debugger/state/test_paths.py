from __future__ import annotations

from pathlib import Path

import pytest

from gan.data.pictures import suffixes
from latent_debugger.state import paths


def test_a_checkpoint_is_no_picture() -> None:
    assert {".safetensors", ".pth", ".bin", ".tar", ".onnx"} <= set(paths.CHECKPOINTS)
    assert not suffixes() & set(paths.CHECKPOINTS)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in paths.CHECKPOINTS)


def test_everything_lies_under_the_variable(private_home: Path) -> None:
    assert paths.home() == private_home
    assert paths.library_path().parent == paths.session_path().parent == private_home
    assert not paths.native_dialogs()


@pytest.mark.parametrize("value", [None, ""])
def test_otherwise_the_systems_place(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is None:
        monkeypatch.delenv("LATENT_DEBUGGER_HOME")
    else:
        monkeypatch.setenv("LATENT_DEBUGGER_HOME", value)
    assert paths.home().name == "latent-debugger" and paths.home().is_absolute()
    assert paths.native_dialogs()


def test_a_relative_or_tilde_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATENT_DEBUGGER_HOME", "here")
    assert paths.home() == tmp_path / "here"
    monkeypatch.setenv("LATENT_DEBUGGER_HOME", "~/there")
    assert paths.home() == Path.home() / "there"
