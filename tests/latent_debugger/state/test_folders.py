from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from latent_debugger.state.folders import MAX_KINDS, Folders


def test_each_kind_has_its_own(qtbot: QtBot) -> None:
    folders = Folders()
    assert folders.get("dialog.open") is None
    with qtbot.waitSignal(folders.changed):
        folders.remember("dialog.open", Path("/a"))
    with qtbot.assertNotEmitted(folders.changed):
        folders.remember("dialog.open", Path("/a"))
    folders.remember("dialog.export", Path("/b"))
    assert (folders.get("dialog.open"), folders.get("dialog.export")) == (Path("/a"), Path("/b"))
    again = Folders()
    again.restore(folders.all)
    assert again.all == folders.all == {"dialog.open": "/a", "dialog.export": "/b"}


def test_they_do_not_grow_without_end() -> None:
    folders = Folders()
    for n in range(2 * MAX_KINDS):
        folders.remember(f"kind {n}", Path("/a"))
    assert len(folders.all) == MAX_KINDS and folders.get(f"kind {2 * MAX_KINDS - 1}") == Path("/a")
