from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan.errors import UserError
from gan.latent.draws import draw
from latent_debugger.state.anchor import Anchor
from latent_debugger.state.arrangement import ArrangementSettings, Marks
from latent_debugger.state.last_neighbours import LastNeighbours
from latent_debugger.state.neighbour_state import NeighbourState
from latent_debugger.state.snapshot import MAX_RECENT, NeighbourSettings, SessionSnapshot
from latent_debugger.state.star_query import StarQuery

FULL = SessionSnapshot(
    model_path="/models/people.safetensors",
    z=draw(1, 100, 7)[0].tobytes(),
    locks=(3, 7),
    seed=2**32 - 1,
    neighbours=NeighbourSettings(sigma=0.25, count=32, source="all", mode="norm", only_pinned=True),
    last_neighbours=LastNeighbours.of(Anchor(draw(2, 100, 8), ("a", None)), 2**32 - 1),
    stars=StarQuery(own_model=True, min_rating=3, tags=frozenset({"b", "a"}), order="rating"),
    inspector=240,
    folders={"dialog.open": "/models", "dialog.export": "/b\udc80"},
    arrangement=ArrangementSettings("value", "32", faders=True, marks={100: Marks((3,), (4, 5))}),
    geometry=b"\x00geometry",
    layout=bytes(range(256)),
    recent=("/a", "/b\udc80"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
NAMES = tuple(FULL.to_json())


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "new" / "session.json"
    FULL.save(path)
    assert SessionSnapshot.load(path) == FULL
    assert SessionSnapshot.from_json(SessionSnapshot().to_json()) == SessionSnapshot()


def test_the_latent_comes_back_bit_for_bit() -> None:
    again = SessionSnapshot.from_json(json.loads(json.dumps(FULL.to_json())))
    assert again.latent.tobytes() == draw(1, 100, 7)[0].tobytes()
    assert np.flatnonzero(again.lock_mask(100)).tolist() == [3, 7]
    assert np.flatnonzero(again.lock_mask(5)).tolist() == [3]
    assert SessionSnapshot().latent.shape == (0,)


@settings(deadline=None)
@given(value=JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON)))
def test_anything_at_all_is_read(value: object) -> None:
    snapshot = SessionSnapshot.from_json(value)
    assert SessionSnapshot.from_json(json.loads(json.dumps(snapshot.to_json()))) == snapshot
    snapshot.neighbours.apply_to(NeighbourState())
    assert np.isfinite(snapshot.latent).all()


@given(name=st.sampled_from(NAMES), value=JSON)
def test_a_damaged_field_costs_no_other(name: str, value: object) -> None:
    damaged = SessionSnapshot.from_json({**FULL.to_json(), name: value})
    for other in NAMES:
        if other != name:
            assert getattr(damaged, other) == getattr(FULL, other)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("model_path", "a\0b"), ("model_path", "\ud800"), ("model_path", ""), ("z", "AAA="), ("z", "no base64!"),
        ("z", "AADAfw=="), ("locks", [-1, True, 1024, "3"]), ("seed", -1), ("seed", 2**32), ("seed", True),
        ("recent", ["", 3, None]), ("layout", 5), ("z", "ä"),
        ("inspector", -1), ("inspector", 10**6), ("folders", {"dialog.open": 7}), ("folders", ["a"]),
        ("last_neighbours", {"seed": 1, "z": "AADAfw==", "parents": [None]}),
        ("last_neighbours", {"seed": 1, "z": "A"}),
        ("last_neighbours", {"seed": -1, "z": "AAAAAA==", "parents": [None]}),
        ("last_neighbours", {"seed": 1, "z": "AAAAAA==", "parents": [7]}),
        ("stars", {"own_model": 1, "min_rating": 6, "tags": "ab", "order": "x"}),
        ("neighbours", {"sigma": 3, "count": 1000, "source": "x", "mode": ["norm"]}),
    ],
)  # fmt: skip
def test_bad_values_get_the_default(name: str, bad: Any) -> None:
    assert getattr(SessionSnapshot.from_json({name: bad}), name) == getattr(SessionSnapshot(), name)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b'{"z": NaN}'])
def test_a_damaged_file_gives_defaults(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(content)
    assert SessionSnapshot.load(path) == SessionSnapshot()


def test_a_missing_file_gives_defaults(tmp_path: Path) -> None:
    assert SessionSnapshot.load(tmp_path / "none.json") == SessionSnapshot()
    assert SessionSnapshot.load(tmp_path) == SessionSnapshot()


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError):
        FULL.save(tmp_path / "file" / "session.json")


def test_recent_files_are_few_unique_and_newest_first() -> None:
    snapshot = SessionSnapshot()
    for k in range(15):
        snapshot = snapshot.with_recent(Path(f"/m{k}"))
    snapshot = snapshot.with_recent("/m9")
    assert len(snapshot.recent) == MAX_RECENT and snapshot.recent[:3] == ("/m9", "/m14", "/m13")
    assert len(set(snapshot.recent)) == MAX_RECENT


def test_neighbour_settings_travel_both_ways() -> None:
    state = NeighbourState()
    FULL.neighbours.apply_to(state)
    assert NeighbourSettings.of(state) == FULL.neighbours
