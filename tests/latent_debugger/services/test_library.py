from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QThread

from gan.latent.draws import draw
from latent_debugger.errors import UserError
from latent_debugger.services.library import LibraryService
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.library import BookmarkLibrary


def bookmark(number: int, dim: int = 8) -> Bookmark:
    return Bookmark(
        id=f"{number:032x}", z=draw(1, dim, number).tobytes(), dim=dim, space="z", name=f"n{number}", model_name="m",
        model_sha256="a" * 64, run=None, step=1, seed=number, parent=None, sigma=None, created="2026-01-01T00:00:00",
        position=float(number), thumbnail=b"",
    )  # fmt: skip


@pytest.fixture(params=[False, True], ids=["thread", "synchronous"])
def service(request, qapp):
    service = LibraryService(synchronous=request.param)
    service.seen = []
    for name in ("loaded", "put_done", "removed", "failed", "notice"):
        getattr(service, name).connect(lambda value, name=name: service.seen.append((name, value)))
    yield service
    service.stop()


def test_open_put_remove_in_order(service, tmp_path):
    path, stars = tmp_path / "b.sqlite", [bookmark(0), bookmark(1)]
    service.open(path)
    service.put(stars)
    stars.clear()  # the call has its own copy
    service.remove([bookmark(0).id])
    assert service.wait_idle(10)
    assert service.seen == [
        ("loaded", ()),
        ("put_done", (bookmark(0), bookmark(1))),
        ("removed", (bookmark(0).id,)),
    ]
    service.stop()
    assert BookmarkDatabase(path).all() == [bookmark(1)]


def test_committed_before_it_is_told(service, tmp_path):
    path, at_that_time = tmp_path / "b.sqlite", []
    service.put_done.connect(lambda _: at_that_time.append((BookmarkDatabase(path).all(), QThread.currentThread())))
    service.open(path)
    service.put([bookmark(3)])
    assert service.wait_idle(10)
    assert at_that_time == [([bookmark(3)], service.thread())]


def test_reopened_all_is_there_bit_for_bit(service, tmp_path):
    star = replace(bookmark(1), z=np.array([1e-45, -0.0, 3.4e38, 7], np.float32).tobytes(), dim=4)
    service.open(tmp_path / "b.sqlite")
    service.put([star])
    service.open(tmp_path / "b.sqlite")
    assert service.wait_idle(10)
    assert service.seen[-1] == ("loaded", (star,))


def test_the_library_follows_the_database(service, tmp_path):
    library = BookmarkLibrary()
    service.loaded.connect(library.load)
    service.put_done.connect(library.apply_put)
    service.removed.connect(library.apply_removed)
    service.open(tmp_path / "b.sqlite")
    service.put([bookmark(2), bookmark(1)])
    service.remove([bookmark(2).id])
    assert service.wait_idle(10)
    assert library.bookmarks() == (bookmark(1),)


def test_without_a_database_a_star_is_refused(service, tmp_path):
    (tmp_path / "file").write_text("no folder")
    service.open(tmp_path / "file" / "b.sqlite")
    service.put([bookmark(1)])
    assert service.wait_idle(10)
    assert [name for name, _ in service.seen] == ["failed", "failed"]
    assert all(isinstance(error, UserError) for _, error in service.seen)


def test_a_damaged_database_is_set_aside_and_told(service, tmp_path):
    (tmp_path / "b.sqlite").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 64)
    service.open(tmp_path / "b.sqlite")
    service.put([bookmark(1)])
    assert service.wait_idle(10)
    assert [name for name, _ in service.seen] == ["loaded", "notice", "put_done"]
    assert list(tmp_path.glob("b.damaged-*.sqlite"))


def test_stop_carries_out_what_was_asked_for(qapp, tmp_path):
    service = LibraryService()
    service.open(tmp_path / "b.sqlite")
    for number in range(20):
        service.put([bookmark(number)])
    service.stop()
    service.stop()
    assert len(BookmarkDatabase(tmp_path / "b.sqlite").all()) == 20


def test_kill_after_put_done_loses_nothing(tmp_path):
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from test_library import bookmark
from latent_debugger.services.library import LibraryService
app = QCoreApplication([])
service = LibraryService()
service.put_done.connect(lambda _: os.kill(os.getpid(), signal.SIGKILL))
service.open(Path({str(tmp_path / "b.sqlite")!r}))
service.put([bookmark(5)])
app.exec()
"""
    if os.name == "posix":
        done = subprocess.run([sys.executable, "-c", script], timeout=60)
        assert done.returncode == -signal.SIGKILL
        assert BookmarkDatabase(tmp_path / "b.sqlite").all() == [bookmark(5)]


def test_two_services_see_each_other(qtbot, tmp_path):
    path, libraries, services = tmp_path / "b.sqlite", [], []
    for _ in range(2):
        service, library = LibraryService(), BookmarkLibrary()
        service.loaded.connect(library.load)
        service.put_done.connect(library.apply_put)
        service.removed.connect(library.apply_removed)
        service.open(path)
        services.append(service)
        libraries.append(library)
    try:
        assert all(service.wait_idle(10) for service in services)
        services[0].put([bookmark(1), bookmark(2)])
        assert services[0].wait_idle(10)
        services[1].refresh()
        assert services[1].wait_idle(10)
        assert libraries[1].bookmarks() == libraries[0].bookmarks() == (bookmark(1), bookmark(2))
        # both change the same star before they have heard of each other
        services[0].put([replace(bookmark(1), rating=4)], [bookmark(1)])
        services[1].put([replace(bookmark(1), name="Anna")], [bookmark(1)])
        services[1].remove([bookmark(2).id])
        qtbot.waitUntil(  # by the services' own timers
            lambda: all(library.bookmarks() == (replace(bookmark(1), rating=4, name="Anna"),) for library in libraries),
            timeout=10_000,
        )
    finally:
        for service in services:
            service.stop()


def test_changing_a_star_that_is_gone_tells_that(service, tmp_path):
    service.open(tmp_path / "b.sqlite")
    service.put([replace(bookmark(1), rating=3)], [bookmark(1)])
    assert service.wait_idle(10)
    assert service.seen == [("loaded", ()), ("removed", (bookmark(1).id,))]


def test_a_vanished_disk_is_told_once(service, tmp_path):
    service.open(tmp_path / "b.sqlite")
    assert service.wait_idle(10)
    service._database._connection.close()
    for _ in range(3):
        service.refresh()
        assert service.wait_idle(10)
    assert [name for name, _ in service.seen].count("failed") >= 1
    assert not service._timer.isActive()


WRITER = """
import sys
sys.path.insert(0, {folder!r})
from dataclasses import replace
from pathlib import Path
from test_library import bookmark
from latent_debugger.state.database import BookmarkDatabase
base = BookmarkDatabase(Path({path!r}))
for n in range({start}, {start} + 40):
    base.put([bookmark(n)])
    base.put([replace(bookmark(0), tags=(f"t{{n}}",))], [bookmark(0)])
base.close()
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path):
    path = tmp_path / "b.sqlite"
    base = BookmarkDatabase(path)
    base.put([bookmark(0)])
    root = str(Path(__file__).parents[3])
    scripts = [
        WRITER.format(folder=str(Path(__file__).parent), path=str(path), start=start) for start in (100, 200, 300)
    ]
    environment = {**os.environ, "PYTHONPATH": root}
    writers = [subprocess.Popen([sys.executable, "-c", script], env=environment) for script in scripts]
    assert [writer.wait(90) for writer in writers] == [0, 0, 0]
    found = base.all()
    assert len(found) == 121
    assert len(found[0].tags) == 120, "every tag of every process"
    assert base.changes() == ([], [])
    base.close()
