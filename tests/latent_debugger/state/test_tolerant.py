from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_debugger.state.settings import Settings
from latent_debugger.state.tolerant import choice, is_int, number

ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(value=ANYTHING)
def test_whatever_comes_lies_in_range(value: object) -> None:
    assert 1.0 <= number(value, 1.0, 2.0, 1.5) <= 2.0
    assert choice(value, ("a", "b")) in ("a", "b")
    assert not is_int(value, 3, 5) or value in (3, 4, 5)


@pytest.mark.parametrize("value", [True, "1", float("nan"), 10**400, None])
def test_no_number_gives_the_default(value: object) -> None:
    assert number(value, 0.0, 2.0, 0.25) == 0.25


def test_truth_is_no_whole_number() -> None:
    assert is_int(1, 0, 1) and not is_int(True, 0, 1) and not is_int(1.0, 0, 1)


def test_a_sound_file_or_none_is_told_of_with_no_word(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    assert Settings.recover(path, "It") == (Settings(), "")
    Settings(theme="light").save(path)
    assert Settings.recover(path, "It") == (Settings(theme="light"), "")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b'{"theme": "li', b"\xff\x00\x17", b"[1, 2]", b"[" * 100_000, b"9" * 5000])
def test_a_damaged_file_is_set_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    for n in (1, 2):  # in the same second, too
        path.write_bytes(content)
        found, told = Settings.recover(path, "It")
        asides = list(tmp_path.glob("settings.damaged-*.json"))
        assert found == Settings() and told.startswith("It was damaged") and len(asides) == n
        assert any(aside.name in told for aside in asides)
        assert all(aside.read_bytes() == content for aside in asides) and not path.exists()


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    found, told = Settings.recover(tmp_path, "It")
    assert found == Settings() and told.startswith(f"It in {tmp_path} cannot be read (")


@pytest.mark.skipif(os.name != "posix", reason="a sparse file")
def test_an_enormous_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.touch()
    os.truncate(path, 2**40)
    assert "was damaged" in Settings.recover(path, "It")[1]
