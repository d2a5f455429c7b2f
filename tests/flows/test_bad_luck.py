"""Bad input gets one sentence; model and latent stay; what was starred is there after kill -9."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.paths import library_path

from .conftest import Driver

Open = Callable[..., Driver]


class _Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, ("executed",))


def _bad_checkpoints(good: bytes) -> dict[str, bytes]:
    flipped = bytearray(good)
    flipped[-1000] ^= 4
    return {
        "empty.safetensors": b"",
        "truncated.safetensors": good[:-5],
        "flipped.safetensors": bytes(flipped),
        "text.safetensors": b"these are not weights",
        "picture.pth": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "evil.pth": pickle.dumps(_Bomb()),
    }


def test_bad_checkpoints_change_nothing(
    open_window: Open, make_model: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good = make_model()
    d = open_window(good)
    d.trigger("latent.random")
    z, picture, model = d.z, d.picture(), d.wiring.session.model
    for name, data in {**_bad_checkpoints(good.read_bytes()), "missing.safetensors": None}.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        d.answer_dialog("file.open", "dialog.open", tmp_path / name)
        message = d.message()
        assert name in message, (name, message)
        assert message.count("\n") == 0 and d.window.messages.kind() == "error"
        assert d.wiring.session.model == model
        assert np.array_equal(d.z, z) and np.array_equal(d.picture(), picture)
    assert not (tmp_path / "executed").exists()
    # a good one clears the message
    d.answer_dialog("file.open", "dialog.open", good)
    assert d.message() == ""


@pytest.mark.parametrize(
    ("array", "word"),
    [
        (np.array([{"a": 1}], dtype=object), "objects"),
        (np.full((2, 12), np.nan, np.float32), "NaN"),
        (np.zeros((2, 12), np.int64), "int64"),
        (np.zeros((2, 11), np.float32), "11"),
        (np.zeros((2, 3, 4), np.float32), "shape"),
    ],
)
def test_bad_vectors_change_nothing(
    open_window: Open, make_model: Callable[..., Path], tmp_path: Path, array: np.ndarray, word: str
) -> None:
    d = open_window(make_model())
    z = d.z
    np.save(tmp_path / "bad.npy", array, allow_pickle=True)
    d.answer_dialog("bookmark.import", "dialog.import", tmp_path / "bad.npy")
    assert word in d.message() and "bad.npy" in d.message()
    assert d.stars() == () and np.array_equal(d.z, z)


def test_stars_of_another_size_are_refused_with_a_sentence(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model("small.safetensors"))
    d.trigger("bookmark.add")
    other = make_model("large.safetensors", z_dim=20, run="run-b")
    d.answer_dialog("file.open", "dialog.open", other)
    assert len(d.sliders()) == 20
    z = d.z
    d.window.bookmarks.recall_requested.emit(d.stars()[0].id)
    assert "12 dimensions" in d.message() and "20" in d.message()
    assert np.array_equal(d.z, z)


def test_the_last_sessions_model_is_gone(open_window: Open, make_model: Callable[..., Path]) -> None:
    gone = make_model("gone.safetensors")
    d = open_window(gone)
    d.close()
    gone.unlink()
    again = open_window()
    assert "gone.safetensors" in again.message()
    assert again.wiring.session.model is not None  # the bundled one


SCRIPT = """
import os, signal, sys
from latent_debugger.application import build
app, window = build([sys.argv[1]])
wiring = window.property("wiring")
wiring.wait_idle()
library = wiring.session.library
library.inserted.connect(lambda added: print("lit", added[0].z.hex(), flush=True))
window.action_map["latent.random"].trigger()
window.action_map["bookmark.add"].trigger()
app.exec()
"""


def test_a_star_survives_kill_9(make_model: Callable[..., Path], private_home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(make_model())], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    lit = process.stdout.readline().split()
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert lit[0] == "lit"
    database = BookmarkDatabase(library_path())
    assert [star.z.hex() for star in database.all()] == [lit[1]]
    database.close()
