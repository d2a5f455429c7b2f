from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from gan.errors import UserError
from latent_debugger.state.settings import Preferences, Settings

FULL = Settings(
    theme="light", smooth=True, reduced_motion=True, slider_range=4.5, default_sigma=0.75, autosave_s=30,
    device="cuda:1", hints_done=("star",),
)  # fmt: skip
NAMES = tuple(FULL.to_json())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    FULL.save(path)
    assert Settings.load(path) == FULL
    assert Settings.from_json(Settings().to_json()) == Settings()


@limits(deadline=None)
@given(name=st.sampled_from(NAMES), value=JSON)
def test_a_damaged_field_costs_no_other(name: str, value: object) -> None:
    damaged = Settings.from_json({**FULL.to_json(), name: value})
    for other in NAMES:
        if other != name:
            assert getattr(damaged, other) == getattr(FULL, other)
    assert Settings.from_json(json.loads(json.dumps(damaged.to_json()))) == damaged


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("theme", "pink"), ("theme", ["dark"]), ("smooth", 1), ("reduced_motion", "yes"), ("slider_range", 0),
        ("slider_range", 10**400), ("slider_range", float("nan")), ("default_sigma", -1), ("default_sigma", True),
        ("autosave_s", 0), ("autosave_s", 2.5), ("autosave_s", True), ("device", "cuda:"), ("device", "rm -rf"),
        ("device", None), ("hints_done", "star"), ("hints_done", [["star"], "nothing", 7, None]),
    ],
)  # fmt: skip
def test_bad_values_get_the_default(name: str, bad: Any) -> None:
    assert getattr(Settings.from_json({name: bad}), name) == getattr(Settings(), name)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_damaged_file_gives_defaults(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    assert Settings.load(path) == Settings()
    assert Settings.load(tmp_path / "none.json") == Settings.load(tmp_path) == Settings()


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError):
        FULL.save(tmp_path / "file" / "settings.json")


def test_one_change_is_announced_once_and_none_not_at_all(qtbot: QtBot) -> None:
    preferences, seen = Preferences(), []
    preferences.changed.connect(seen.append)
    preferences.change(smooth=True, device="cpu")
    preferences.change(smooth=True)
    preferences.set(preferences.settings)
    assert seen == [preferences.settings] == [Settings(smooth=True, device="cpu")]
