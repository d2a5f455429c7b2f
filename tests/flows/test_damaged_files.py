"""Whatever has happened to the files of the last session: a sentence, the file is kept, the window lives."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_debugger.state.anchor import Anchor
from latent_debugger.state.arrangement import ArrangementSettings, Marks
from latent_debugger.state.bookmark import Bookmark, z_bytes
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.last_neighbours import LastNeighbours
from latent_debugger.state.latent import NO_ORIGIN
from latent_debugger.state.model import OpenModel
from latent_debugger.state.paths import library_path, session_path, settings_path
from latent_debugger.state.settings import Settings
from latent_debugger.state.snapshot import SessionSnapshot
from latent_debugger.state.star_query import StarQuery

from .conftest import Driver

Open = Callable[..., Driver]
DIM = 12
HUGE = 10**400


def write_session(model: Path) -> Path:
    z = np.arange(DIM, dtype=np.float32)
    SessionSnapshot(
        model_path=str(model),
        z=z_bytes(z),
        locks=(1, 2),
        seed=3,
        last_neighbours=LastNeighbours.of(Anchor(z[np.newaxis], (None,)), 5),
        arrangement=ArrangementSettings(sort="value", group="16", marks={DIM: Marks((1,), (2,))}),
        stars=StarQuery(min_rating=2, tags=frozenset({"a"})),
        geometry=b"\x01\xd9\xd0\xcb" * 12,
        layout=b"\0\0\0\xff" * 12,
        recent=(str(model),),
        inspector=120,
        folders={"dialog.open": str(model.parent)},
    ).save(session_path())
    return session_path()


def write_settings(model: Path) -> Path:
    Settings("light", True, True, 4.0, 1.0, 10, "cpu").save(settings_path())
    return settings_path()


def write_library(model: Path) -> Path:
    about = OpenModel(model, "m", DIM, "z", 32, 3, 7, "run-a", "a" * 64, "cpu", "")
    with closing(BookmarkDatabase(library_path())) as database:
        database.put(
            [
                Bookmark.new(
                    np.full(DIM, k, np.float32),
                    model=about,
                    origin=NO_ORIGIN,
                    name=f"Star {k}",
                    position=k,
                    thumbnail=b"",
                )
                for k in range(20)
            ]
        )
    return library_path()


WRITERS = {"session": write_session, "settings": write_settings, "library": write_library}
BYTES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "truncated": lambda data: data[: len(data) // 2],
    "random bytes": lambda data: random.Random(1).randbytes(len(data)),
    "a flipped start": lambda data: bytes(255 - byte for byte in data[:100]) + data[100:],
    "zeros": lambda data: bytes(len(data)),
    "another format": lambda data: b"PK\x03\x04" + data,
}


def assert_alive(d: Driver) -> None:
    """It draws, stars, and remembers."""
    before = len(d.stars())
    d.wiring.session.neighbours.set_only_pinned(False)  # which a session may well say, and none be pinned
    d.trigger("latent.random")
    d.trigger("neighbours.sample")
    d.trigger("bookmark.add")
    assert len(d.stars()) == before + 1 and d.window.neighbours.model.rowCount() > 0
    assert np.array_equal(d.picture(), d.wiring.services.render._renderer.pixels(d.z[np.newaxis])[0])


@pytest.mark.parametrize("damage", BYTES)
@pytest.mark.parametrize("which", WRITERS)
def test_bytes_that_mean_nothing(open_window: Open, make_model: Callable[..., Path], which: str, damage: str) -> None:
    model = make_model(z_dim=DIM)
    path = WRITERS[which](model)
    content = BYTES[damage](path.read_bytes())
    path.write_bytes(content)
    d = open_window(model)
    kept = list(path.parent.glob(f"{path.stem}.damaged-*{path.suffix}"))
    if which == "library" and damage == "empty":
        assert not kept  # to SQLite that is a new database
    else:
        assert [aside.read_bytes() for aside in kept] == [content]
        assert kept[0].name in d.message() and d.message().count(".damaged-") == 1, d.message()
        assert "\n" not in d.message() and d.window.messages.kind() == "info"
    assert_alive(d)
    d.close()
    again = open_window()
    assert again.message() == "" and len(again.stars()) >= 1
    assert SessionSnapshot.recover(session_path(), "It")[1] == Settings.recover(settings_path(), "It")[1] == ""


def test_everything_at_once_is_told_line_by_line(open_window: Open, make_model: Callable[..., Path]) -> None:
    model = make_model(z_dim=DIM)
    for write in WRITERS.values():
        write(model).write_bytes(b"\xff nothing")
    d = open_window(model)
    assert [line.split()[1] for line in d.message().splitlines()] == ["session", "preferences", "stars"]
    assert_alive(d)


WRONG: dict[str, Any] = {
    "text": "\ud800 wörds",
    "a number": -7,
    "a huge number": HUGE,
    "a fraction": 1e308,
    "nothing": None,
    "a list": [[], {}, None, "x", HUGE, -1, 0.5, True],
    "a table": {"a": 1, "7": {"pinned": [HUGE, "x", -1, 10**9]}, "": None},
    "truth": True,
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("which", ["session", "settings"])
def test_fields_that_hold_something_else(
    open_window: Open, make_model: Callable[..., Path], which: str, wrong: str
) -> None:
    """What fits is kept, what does not gets its default: nothing to make a fuss of."""
    model = make_model(z_dim=DIM)
    path = WRITERS[which](model)
    found = json.loads(path.read_text())
    path.write_text(json.dumps({key: _spoilt(value, WRONG[wrong]) for key, value in found.items()}))
    d = open_window(model)
    assert d.message() == ""
    assert_alive(d)


def _spoilt(value: Any, wrong: Any) -> Any:
    """``wrong`` in place of every leaf."""
    if isinstance(value, dict) and value:
        return {key: _spoilt(item, wrong) for key, item in value.items()}
    if isinstance(value, list) and value:
        return [_spoilt(item, wrong) for item in value]
    return wrong


@pytest.mark.parametrize("value", ["x'ff00'", "'words'", "-9223372036854775808", "9e999", "0", "''"])
def test_rows_of_the_library_that_make_no_sense(open_window: Open, make_model: Callable[..., Path], value: str) -> None:
    model = make_model(z_dim=DIM)
    path = write_library(model)
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(bookmarks)")]
        for row, column in enumerate(columns[1:]):
            connection.execute(f"UPDATE bookmarks SET {column} = {value} WHERE name = 'Star {row}'")
        connection.commit()
    d = open_window(model)
    assert 3 <= len(d.stars()) <= 20, "the three rows nobody touched, and whatever still makes sense"
    for star in d.stars():
        d.window.bookmarks.recall_requested.emit(star.id)
        d.window.bookmarks.select((star.id,))
    d.settle()
    d.window.grab()
    d.window.messages.clear()
    assert_alive(d)


def test_a_layout_of_noise_is_no_layout(open_window: Open, make_model: Callable[..., Path]) -> None:
    model = make_model(z_dim=DIM)
    noise = random.Random(3)
    for length in (1, 7, 60, 5000):
        SessionSnapshot(geometry=noise.randbytes(length), layout=noise.randbytes(length)).save(session_path())
        d = open_window(model)
        assert d.window.docks["latents"].isVisible() and d.window.docks["bookmarks"].isVisible()
        d.close()
