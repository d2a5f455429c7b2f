"""Bad luck: a sentence, nothing lost, and the application lives."""

from __future__ import annotations

import errno
import io
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog

from gan.rendering import open_renderer
from latent_debugger.services import models
from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.paths import library_path, session_path
from latent_debugger.state.snapshot import SessionSnapshot

from .conftest import Driver

Open = Callable[..., Driver]
MakeModel = Callable[..., Path]


def on_disk() -> list[bytes]:
    """The latents of the stars that the next start will find."""
    database = BookmarkDatabase(library_path())
    try:
        return [star.z for star in database.all()]
    finally:
        database.close()


def assert_one_sentence(d: Driver, *words: str) -> None:
    text = d.message()
    assert text and "\n" not in text and "Traceback" not in text, text
    assert all(word in text for word in words), text
    assert d.window.messages.kind() == "error"
    shown = [dialog for dialog in d.window.findChildren(QDialog, "dialog.unexpected") if dialog.isVisible()]
    assert not shown, "bad luck is no bug"


def assert_alive(d: Driver) -> None:
    """It still draws what it is told to."""
    d.trigger("latent.random")
    renderer = d.wiring.services.render._renderer
    assert renderer is not None
    assert np.array_equal(d.picture(), renderer.pixels(d.z[np.newaxis])[0])


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Called with True, every file that we write fails at its last moment, as on a full disk."""
    real = os.fsync

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return lambda full: monkeypatch.setattr(os, "fsync", fail if full else real)


def test_a_disk_that_fills_up_loses_neither_stars_nor_latent(open_window: Open, make_model: MakeModel) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    database = d.wiring.services.library._database
    assert database is not None
    (pages,) = database._connection.execute("PRAGMA page_count").fetchone()
    database._connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own full disk
    kept = []
    while d.window.messages.kind() != "error" and len(kept) < 200:
        kept = [star.z for star in d.stars()]
        d.trigger("latent.random")
        d.trigger("bookmark.add")
    assert_one_sentence(d, "stars", "full")
    assert [star.z for star in d.stars()] == kept == on_disk(), "a star shines only when it is on disk"
    assert not d.window.canvas.star._starred
    database._connection.execute("PRAGMA max_page_count = 1000000")  # somebody has made room
    d.trigger("bookmark.add")
    assert on_disk() == [*kept, z_bytes(d.z)] and d.window.canvas.star._starred
    assert_alive(d)


def test_exports_and_the_session_on_a_full_disk(
    open_window: Open, make_model: MakeModel, tmp_path: Path, full_disk: Callable[[bool], None]
) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    d.wiring.memory.save_now()
    d.settle()
    before = session_path().read_bytes()
    (tmp_path / "mine.npy").write_bytes(b"precious")
    full_disk(True)
    for action, dialog, name in (
        ("bookmark.export", "dialog.export", "mine.npy"),
        ("bookmark.export", "dialog.export", "stars.npz"),
        ("file.save_picture", "dialog.save_picture", "picture.png"),
        ("bookmark.contact_sheet", "dialog.contact_sheet", "sheet.png"),
    ):
        d.window.messages.clear()
        d.answer_dialog(action, dialog, tmp_path / name)
        assert_one_sentence(d, name, "No space left")
    assert (tmp_path / "mine.npy").read_bytes() == b"precious", "what was there stays whole"
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".npy", ".safetensors"], "no half files"
    d.trigger("latent.random")
    d.window.messages.clear()
    d.wiring.memory.save_now()
    d.settle()
    assert_one_sentence(d, "session.json", "No space left")
    assert session_path().read_bytes() == before
    full_disk(False)
    assert_alive(d)
    z = d.z
    d.close()
    assert (SessionSnapshot.load(session_path()).latent == z).all()


def test_a_home_that_cannot_be(
    open_window: Open, make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("LATENT_DEBUGGER_HOME", str(tmp_path / "file" / "home"))
    d = open_window(make_model())
    assert_one_sentence(d, "stars")
    d.window.messages.clear()
    d.trigger("bookmark.add")
    assert_one_sentence(d, "Stars cannot be kept")
    assert d.stars() == () and not d.window.canvas.star._starred
    assert_alive(d)
    d.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no file that is in use")
def test_a_home_that_vanishes_is_written_again(open_window: Open, make_model: MakeModel, private_home: Path) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    first = z_bytes(d.z)
    shutil.rmtree(private_home)
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    assert on_disk() == [first, z_bytes(d.z)]
    shutil.rmtree(private_home)
    d.wiring.services.library.refresh()  # a second goes by
    d.settle()
    z = z_bytes(d.z)
    d.close()
    assert on_disk() == [first, z] and SessionSnapshot.load(session_path()).z == z


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no file that is in use")
def test_a_home_that_cannot_come_back_is_told_and_awaited(
    open_window: Open, make_model: MakeModel, private_home: Path
) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    first = z_bytes(d.z)
    shutil.rmtree(private_home)
    private_home.write_text("something else is there")
    d.trigger("latent.random")
    d.trigger("bookmark.add")
    assert_one_sentence(d, "stars")
    assert [star.z for star in d.stars()] == [first], "nothing lost on screen"
    private_home.unlink()
    d.trigger("bookmark.add")
    assert on_disk() == [first, z_bytes(d.z)], "nor on disk, once there is one"
    assert_alive(d)


def zip_bomb() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("latents.npy", "w") as member:
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (5592405, 12), }"
        header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
        member.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        for _ in range(256):
            member.write(bytes(2**20))
    return data.getvalue()


def png(width: int, height: int, *parts: bytes) -> bytes:
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join((b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", size), *parts, chunk(b"IEND", b"")))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb() -> bytes:
    """A picture of 10 GiB."""
    return png(60_000, 60_000, chunk(b"IDAT", zlib.compress(bytes(10**6))))


def text_bomb() -> bytes:
    """A small picture whose compressed text unpacks to 256 MiB."""
    packer = zlib.compressobj(9)
    text = b"".join(packer.compress(bytes(2**20)) for _ in range(256)) + packer.flush()
    return png(1, 1, chunk(b"zTXt", b"latent-debugger\0\0" + text), chunk(b"IDAT", zlib.compress(bytes(4))))


@pytest.mark.parametrize(("name", "make"), [("bomb.npz", zip_bomb), ("bomb.png", png_bomb), ("text.png", text_bomb)])
def test_bombs_dropped_on_the_window(
    open_window: Open, make_model: MakeModel, tmp_path: Path, name: str, make: Callable[[], bytes]
) -> None:
    d = open_window(make_model())
    z = d.z
    (tmp_path / name).write_bytes(make())
    d.window.file_dropped.emit(tmp_path / name)
    d.settle()
    assert_one_sentence(d, name)
    assert np.array_equal(d.z, z) and d.stars() == ()
    assert_alive(d)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_model_too_large_for_the_memory(
    open_window: Open, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    z, picture, model = d.z, d.picture(), d.wiring.session.model

    def fail(*_: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(models, "open_renderer", fail)
        d.window.recent_chosen.emit(make_model("huge.safetensors", z_dim=20))
        d.settle()
    assert_one_sentence(d, "huge.safetensors", "memory")
    assert d.wiring.session.model == model and np.array_equal(d.z, z) and np.array_equal(d.picture(), picture)
    assert len(d.stars()) == 1
    # it was loaded, but a picture takes more than there is
    renderer = d.wiring.services.render._renderer
    assert renderer is not None
    with monkeypatch.context() as patch:
        patch.setattr(renderer, "_forward", fail)
        d.window.messages.clear()
        d.trigger("latent.random")
        assert_one_sentence(d, "memory")
        assert np.array_equal(d.picture(), picture), "the last picture stays"
    assert_alive(d)


def test_a_generator_that_turns_to_nan(
    open_window: Open, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = open_window(make_model())
    d.trigger("bookmark.add")
    picture = d.picture()
    renderer = d.wiring.services.render._renderer
    assert renderer is not None
    with monkeypatch.context() as patch:
        patch.setattr(renderer, "_forward", lambda z: torch.full((1, 3, 32, 32), torch.nan))
        d.trigger("latent.random")
        assert_one_sentence(d, "NaN")
        d.trigger("neighbours.sample")
        d.trigger("bookmark.add")
        assert_one_sentence(d, "NaN")
        assert np.array_equal(d.picture(), picture)
    assert len(d.stars()) == len(on_disk()) == 2
    assert_alive(d)


class LostDevice:
    """A renderer whose card has fallen off the bus."""

    def __init__(self, path: Path) -> None:
        self.info = open_renderer(path, "cpu").info
        self.dim, self.device = self.info.config.z_dim, torch.device("cuda:0")

    def pixels(self, latents: np.ndarray) -> np.ndarray:
        raise RuntimeError("CUDA error: device-side assert triggered")


def test_a_device_that_disappears(open_window: Open, make_model: MakeModel) -> None:
    path = make_model()
    d = open_window(path)
    d.trigger("bookmark.add")
    d.wiring.services.render.set_renderer(LostDevice(path))
    d.trigger("latent.random")
    assert_one_sentence(d, "cuda:0", "processor")
    assert d.wiring.session.model is not None and d.wiring.session.model.device == "cpu"
    assert len(d.stars()) == 1
    assert_alive(d)


def test_a_device_that_disappears_with_its_checkpoint(open_window: Open, make_model: MakeModel) -> None:
    path = make_model()
    d = open_window(path)
    d.trigger("bookmark.add")
    picture = d.picture()
    d.wiring.services.render.set_renderer(LostDevice(path))
    path.unlink()
    d.trigger("latent.random")
    assert_one_sentence(d, path.name)
    assert np.array_equal(d.picture(), picture) and len(d.stars()) == 1
    d.window.recent_chosen.emit(make_model("other.safetensors"))
    d.settle()
    assert d.message() == ""
    assert_alive(d)


def test_an_unexpected_exception_in_a_slot(
    open_window: Open, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    d = open_window(make_model())
    d.wiring.memory.set_interval(300)
    d.trigger("latent.random")
    d.trigger("bookmark.add")

    def fail(*_: Any) -> None:
        raise ZeroDivisionError("in a slot")

    with monkeypatch.context() as patch:
        patch.setattr(d.window.canvas, "set_frame", fail)  # every frame meets it
        d.trigger("latent.random")
        QTimer.singleShot(0, fail)
        d.settle()
    (dialog,) = d.window.findChildren(QDialog, "dialog.unexpected")
    assert dialog.isVisible() and not dialog.isModal()
    assert SessionSnapshot.load(session_path()).z == z_bytes(d.z), "the state is saved at once"
    assert len(on_disk()) == 1
    dialog.close()
    assert_alive(d)
    caplog.clear()
