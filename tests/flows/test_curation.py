"""A folder of everything becomes a folder of people: by hand, by the ranking, and the files are never touched."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from gan.data.manifest import Entry, read_manifest
from gan.errors import UserError
from latent_debugger.services import curation as service_module
from latent_debugger.state.curation import KEEP, REJECT, UNDECIDED, Counts, Curation
from latent_debugger.state.paths import home

from .conftest import Driver

Open = Callable[..., Driver]
PEOPLE = Path(__file__).parents[1] / "fixtures" / "people"
PATIENCE = 60_000  # ms, for a loaded machine


@pytest.fixture(autouse=True)
def private_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_DEBUGGER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """60 small pictures: every other one a person (``…p.png``), the others coloured shapes (``…s.png``)."""
    made = tmp_path / "data" / "mixed"
    made.mkdir(parents=True)
    random = np.random.RandomState(0)
    for k, person in enumerate(sorted(PEOPLE.glob("*.png"))[:30]):
        shutil.copy(person, made / f"{2 * k:02d}p.png")
        shape = Image.new("RGB", (64, 64), tuple(random.randint(0, 256, 3)))
        corners = [*random.randint(0, 30, 2), *random.randint(34, 64, 2)]
        draw = ImageDraw.Draw(shape)
        (draw.ellipse if k % 2 else draw.rectangle)(corners, fill=tuple(random.randint(0, 256, 3)))
        shape.save(made / f"{2 * k + 1:02d}s.png")
    return made


class Curator:
    """The panel *Dataset* as a user handles it."""

    def __init__(self, driver: Driver) -> None:
        self.driver, self.panel = driver, driver.window.dataset
        self.curation: Curation = driver.wiring.session.curation

    def open(self, folder: Path) -> None:
        before = self.curation.pile
        self.choose("dataset.open", "dialog.open_pictures", folder)
        self.driver.qtbot.waitUntil(lambda: self.curation.pile is not before, timeout=PATIENCE)
        self.driver.settle()
        assert self.driver.window.focusWidget() is self.panel.list

    def choose(self, action: str, dialog_name: str, path: Path) -> None:
        self.driver.window.action_map[action].trigger()
        dialog = self.driver.window.findChild(QFileDialog, dialog_name)
        assert dialog is not None
        dialog.fileSelected.emit(str(path))
        dialog.close()

    def focus(self, widget: QWidget) -> None:
        self.driver.window.activateWindow()
        widget.setFocus()
        self.driver.qtbot.waitUntil(lambda: QApplication.focusWidget() is widget, timeout=PATIENCE)

    def press(self, *keys: Qt.Key) -> None:
        for key in keys:
            self.driver.qtbot.keyClick(self.panel.list, key)

    def learn(self, enough: bool = True) -> None:
        """Wait until the ranking has taken everything in."""
        flow = self.driver.wiring.dataset
        QCoreApplication.processEvents()
        self.driver.qtbot.waitUntil(lambda: flow.idle and self.curation.opinion is not None, timeout=PATIENCE)
        assert self.curation.opinion is not None and self.curation.opinion.enough == enough

    def people(self) -> list[bool]:
        assert self.curation.pile is not None
        return [path.endswith("p.png") for path in self.curation.pile.paths]


@pytest.fixture
def curator(open_window: Open, make_model: Callable[..., Path], folder: Path) -> Iterator[Curator]:
    made = Curator(open_window(make_model()))
    made.open(folder)
    yield made


def files_in(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_from_a_mixed_folder_to_people_only(open_window: Open, make_model: Callable[..., Path], folder: Path) -> None:
    untouched = files_in(folder)
    (folder / "broken.png").write_bytes(b"no picture at all")
    d = open_window(make_model())
    curator = Curator(d)
    assert d.window.docks["dataset"].isHidden()
    curator.open(folder)
    panel, curation = curator.panel, curator.curation
    assert d.wiring.session.folders.get("dialog.open_pictures") == folder.parent, "the next start begins there"
    assert panel.isVisible() and panel.counts.text() == "0 kept · 0 rejected · 60 undecided"
    assert panel.problems.text() == "1 left out"
    people = curator.people()

    # by hand: one after another, and a mistake taken back
    for person in people[:36]:
        curator.press(Qt.Key.Key_K if person else Qt.Key.Key_X)
    assert panel.counts.text() == "18 kept · 18 rejected · 24 undecided" and panel.wall.current_picture() == 36
    curator.press(Qt.Key.Key_X)
    assert d.window.action_map["edit.undo"].text() == "&Undo reject 1 picture"
    d.trigger("edit.undo")
    assert curation.keep()[36] == UNDECIDED and curation.counts().undecided == 24

    # the ranking has learned: what it would keep are the people
    curator.learn()
    assert "% of your decisions" in panel.learning.told.text()
    assert panel.learning.number.value() == 30
    d.trigger("dataset.keep_best")
    assert curation.counts() == Counts(30, 18, 12, 12)
    assert (curation.keep() == KEEP).tolist() == people
    d.trigger("edit.undo")
    assert curation.counts().kept == 18
    d.trigger("edit.redo")
    d.trigger("dataset.reject_rest")
    assert curation.counts() == Counts(30, 30, 0, 24)

    # it is on the disk, as the contract says, and the pictures are as they were
    manifest = folder.parent / "mixed.manifest.jsonl"
    d.qtbot.waitUntil(
        lambda: manifest.exists() and all(e.keep is not None for e in read_manifest(manifest)), timeout=PATIENCE
    )
    entries = read_manifest(manifest)
    assert [entry.keep for entry in entries] == people
    first: Entry = entries[0]
    assert first.path == "mixed/00p.png" and first.sha256 == untouched["00p.png"]
    assert {"sharpness", "background", "outlier"} <= set(first.scores)
    (folder / "broken.png").unlink()
    assert files_in(folder) == untouched
    d.close()

    # the next day
    again = Curator(open_window(make_model()))
    again.open(folder)
    assert again.curation.counts() == Counts(30, 30, 0, 24)
    assert (again.curation.keep() == KEEP).tolist() == people
    assert not again.curation.undo.canUndo()


def test_closing_the_window_saves_what_was_just_decided(curator: Curator, folder: Path) -> None:
    curator.press(Qt.Key.Key_K)
    curator.driver.close()
    assert [entry.keep for entry in read_manifest(folder.parent / "mixed.manifest.jsonl")][:2] == [True, None]


def test_what_cannot_be_saved_is_told_and_tried_again(
    curator: Curator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = service_module.save_decisions

    def full(*args: Any, **more: Any) -> Path:
        raise UserError("The disk is full.", "Free some space.")

    monkeypatch.setattr(service_module, "save_decisions", full)
    curator.press(Qt.Key.Key_K)
    curator.driver.qtbot.waitUntil(lambda: "The disk is full" in curator.driver.message(), timeout=PATIENCE)
    monkeypatch.setattr(service_module, "save_decisions", save)
    curator.driver.close()
    assert read_manifest(folder.parent / "mixed.manifest.jsonl")[0].keep is True


def test_looking_alone_writes_nothing(curator: Curator, folder: Path) -> None:
    curator.learn(enough=False)
    curator.driver.close()
    assert [path.name for path in folder.parent.iterdir()] == ["mixed"]


def test_questions_are_asked_and_answered(curator: Curator) -> None:
    curator.learn(enough=False)
    curator.driver.trigger("dataset.ask")
    panel, people = curator.panel, curator.people()
    asked = panel.model.pictures().tolist()
    assert 0 < len(asked) <= 12
    for _ in asked:
        curator.press(Qt.Key.Key_K if people[panel.wall.current_picture()] else Qt.Key.Key_X)
    decided = np.flatnonzero(curator.curation.keep() != UNDECIDED)
    assert sorted(asked) == decided.tolist()
    curator.driver.qtbot.waitUntil(lambda: not set(panel.model.pictures()) & set(asked), timeout=PATIENCE)
    assert panel.wall.current_picture() == panel.model.picture_at(0), "the next questions begin with the first"


def test_undo_is_of_what_was_done_where_one_works(curator: Curator) -> None:
    d, curation = curator.driver, curator.curation
    z = d.z
    d.trigger("latent.random")
    changed = d.z
    curator.press(Qt.Key.Key_K)
    d.trigger("edit.undo")
    assert curation.keep()[0] == UNDECIDED and np.array_equal(d.z, changed)
    # a change elsewhere is what Undo takes back now, although the panel has the focus
    curator.press(Qt.Key.Key_X)
    d.trigger("latent.zero")
    d.trigger("edit.undo")
    assert np.array_equal(d.z, changed) and curation.counts().rejected == 1
    # and so does the focus
    curator.focus(d.window.canvas)
    d.trigger("edit.undo")
    assert np.array_equal(d.z, z)
    curator.focus(curator.panel.list)
    d.trigger("edit.undo")
    assert curation.counts() == Counts(0, 0, 60, 0)


def test_what_a_button_decided_is_taken_back_by_the_next_key(curator: Curator) -> None:
    """The button is disabled by what it did, and Qt would hand its focus to a field with an undo of its own."""
    d, panel = curator.driver, curator.panel
    for person in curator.people()[:36]:
        curator.press(Qt.Key.Key_K if person else Qt.Key.Key_X)
    curator.learn()
    for button in (panel.learning.best, panel.learning.rest):
        before = curator.curation.counts()
        curator.focus(button)
        d.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert curator.curation.counts() != before and QApplication.focusWidget() is panel.list
        d.trigger("edit.undo")
        assert curator.curation.counts() == before


def test_another_model_leaves_the_decisions_their_history(curator: Curator, make_model: Callable[..., Path]) -> None:
    curator.press(Qt.Key.Key_K, Qt.Key.Key_X)
    curator.driver.answer_dialog("file.open", "dialog.open", make_model("other.safetensors", z_dim=7))
    assert len(curator.driver.z) == 7
    curator.driver.trigger("edit.undo")
    curator.driver.trigger("edit.undo")
    assert curator.curation.counts().undecided == 60


def test_a_folder_that_vanishes_leaves_the_thumbnails_and_the_decisions(curator: Curator, folder: Path) -> None:
    shutil.rmtree(folder)
    curator.press(Qt.Key.Key_K, Qt.Key.Key_Space)
    d = curator.driver
    d.qtbot.waitUntil(lambda: "01s.png" in d.message(), timeout=PATIENCE)
    assert d.message().count("\n") == 0
    assert not curator.panel.loupe.picture.image().isNull(), "the thumbnail"
    manifest = folder.parent / "mixed.manifest.jsonl"
    d.qtbot.waitUntil(manifest.exists, timeout=PATIENCE)
    pile = curator.curation.pile
    curator.choose("dataset.open", "dialog.open_pictures", folder)
    d.qtbot.waitUntil(lambda: "does not exist" in d.message(), timeout=PATIENCE)
    assert curator.curation.pile is pile and curator.panel.loupe.isVisible()
    assert read_manifest(manifest)[0].keep is True


def test_a_decision_while_another_folder_is_looked_at_is_kept(curator: Curator, folder: Path) -> None:
    other = folder.parent / "other"
    shutil.copytree(folder, other)
    pile = curator.curation.pile
    curator.choose("dataset.open", "dialog.open_pictures", other)
    curator.driver.trigger("dataset.keep")
    curator.driver.qtbot.waitUntil(lambda: curator.curation.pile is not pile, timeout=PATIENCE)
    curator.driver.settle()
    curator.open(folder)
    assert curator.curation.counts().kept == 1


def test_a_damaged_manifest_is_set_aside(open_window: Open, make_model: Callable[..., Path], folder: Path) -> None:
    manifest = folder.parent / "mixed.manifest.jsonl"
    manifest.write_text('{"path": "mixed/00p.png", "keep": true}\n{"path": "mixed/01s.png", "ke')
    before = manifest.read_bytes()
    curator = Curator(open_window(make_model()))
    curator.open(folder)
    message = curator.driver.message()
    assert "Line 2" in message and "mixed.damaged-1.manifest.jsonl" in message and "\n" not in message
    assert curator.curation.counts().undecided == 60
    curator.press(Qt.Key.Key_X)
    curator.driver.qtbot.waitUntil(manifest.exists, timeout=PATIENCE)
    assert (folder.parent / "mixed.damaged-1.manifest.jsonl").read_bytes() == before


@pytest.mark.parametrize("content", ["empty", "corrupt"])
def test_a_folder_without_pictures_is_one_sentence(
    open_window: Open, make_model: Callable[..., Path], tmp_path: Path, content: str
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    if content == "corrupt":
        (bad / "a.png").write_bytes(b"nothing")
        (bad / "b.jpg").write_bytes(b"")
    d = open_window(make_model())
    Curator(d).choose("dataset.open", "dialog.open_pictures", bad)
    d.qtbot.waitUntil(lambda: d.window.messages.kind() == "error", timeout=PATIENCE)
    assert "bad" in d.message() and "\n" not in d.message()
    assert d.wiring.session.curation.pile is None and d.window.dataset.start.open.isVisible()


def test_the_window_closes_during_a_scan(
    open_window: Open, make_model: Callable[..., Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, scan = threading.Event(), service_module.scan

    def slow(source: Path, progress: Any, should_stop: Any) -> object:
        def report(done: int, total: int) -> None:
            progress(done, total)
            began.set()
            while not should_stop():
                threading.Event().wait(0.01)

        return scan(source, report, should_stop)

    monkeypatch.setattr(service_module, "scan", slow)
    d = open_window(make_model())
    curator = Curator(d)
    curator.choose("dataset.open", "dialog.open_pictures", folder)
    d.qtbot.waitUntil(began.is_set, timeout=PATIENCE)
    assert curator.panel.start.cancel.isVisible()
    d.close()
    assert not (folder.parent / "mixed.manifest.jsonl").exists()


def test_a_scan_is_cancelled(
    open_window: Open, make_model: Callable[..., Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = service_module.scan

    def endless(source: Path, progress: Any, should_stop: Any) -> object:
        while source.name == "endless" and not should_stop():
            threading.Event().wait(0.01)
        return scan(source, progress, should_stop)

    monkeypatch.setattr(service_module, "scan", endless)
    curator = Curator(open_window(make_model()))
    curator.open(folder)
    pile = curator.curation.pile
    curator.choose("dataset.open", "dialog.open_pictures", folder.rename(folder.with_name("endless")))
    assert curator.panel.start.cancel.isVisible()
    curator.panel.start.cancel.click()
    curator.driver.qtbot.waitUntil(lambda: curator.panel.list.isVisible(), timeout=PATIENCE)
    curator.driver.settle()
    assert curator.curation.pile is pile and curator.driver.message() == ""


def test_folders_of_pictures_dropped_on_the_window_open_the_panel(
    open_window: Open, make_model: Callable[..., Path], folder: Path
) -> None:
    d = open_window(make_model())
    curator = Curator(d)
    assert d.window.docks["dataset"].isHidden()
    d.window.file_dropped.emit(folder)
    d.qtbot.waitUntil(lambda: curator.curation.pile is not None, timeout=PATIENCE)
    assert curator.panel.isVisible() and d.window.messages.kind() != "error"
    other = make_model("other.safetensors", seed=3)
    d.window.file_dropped.emit(other)
    model = d.wiring.session.model
    d.qtbot.waitUntil(lambda: d.wiring.session.model is not model, timeout=PATIENCE)
    assert d.wiring.session.model is not None and d.wiring.session.model.path == other


def test_the_decisions_are_kept_where_the_user_says(curator: Curator, folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.jsonl"
    curator.press(Qt.Key.Key_K)
    curator.choose("dataset.save_as", "dialog.save_decisions", mine)
    curator.driver.qtbot.waitUntil(lambda: "from now on" in curator.driver.message(), timeout=PATIENCE)
    curator.press(Qt.Key.Key_X)
    curator.driver.qtbot.waitUntil(lambda: read_manifest(mine)[1].keep is False, timeout=PATIENCE)
    assert not list(home().glob("*.jsonl"))
    curator.open(folder)
    assert curator.curation.keep()[:3].tolist() == [KEEP, REJECT, UNDECIDED]


def test_training_on_these_hands_the_saved_manifest_on(curator: Curator, folder: Path) -> None:
    asked: list[Path] = []
    curator.driver.wiring.dataset.train_requested.connect(asked.append)
    curator.press(Qt.Key.Key_K)
    curator.panel.train.click()
    curator.driver.qtbot.waitUntil(lambda: bool(asked), timeout=PATIENCE)
    assert asked == [folder.parent / "mixed.manifest.jsonl"]
    assert read_manifest(asked[0])[0].keep is True
    assert curator.driver.window.docks["training"].isVisible()


def test_training_waits_for_its_own_saving(curator: Curator, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    curator.driver.wiring.dataset.train_requested.connect(asked.append)
    go, calls, save = threading.Event(), iter((1, 2)), service_module.save_decisions

    def slow(*args: Any, **more: Any) -> Path:
        assert go.wait(PATIENCE / 1000)
        if next(calls) == 2:
            raise UserError("The disk is full.", "Free some space.")
        return save(*args, **more)

    monkeypatch.setattr(service_module, "save_decisions", slow)
    curator.press(Qt.Key.Key_K)
    curator.driver.wiring.dataset.save_now()
    curator.press(Qt.Key.Key_K)
    curator.panel.train.click()
    go.set()
    curator.driver.qtbot.waitUntil(lambda: "The disk is full" in curator.driver.message(), timeout=PATIENCE)
    assert [entry.keep for entry in read_manifest(folder.parent / "mixed.manifest.jsonl")][:2] == [True, None]
    assert not asked, "the second picture is not in the manifest"
    monkeypatch.setattr(service_module, "save_decisions", save)
    curator.panel.train.click()
    curator.driver.qtbot.waitUntil(lambda: bool(asked), timeout=PATIENCE)
    assert [entry.keep for entry in read_manifest(asked[0])][:2] == [True, True]


def test_actions_wait_for_a_pile(open_window: Open, make_model: Callable[..., Path]) -> None:
    d = open_window(make_model())
    for name in ("dataset.keep", "dataset.ask", "dataset.train", "dataset.problems"):
        action = d.window.findChild(QAction, name)
        assert action is not None and not action.isEnabled()
    assert d.window.action_map["dataset.open"].isEnabled()


def test_the_last_pile_is_offered_after_a_restart(open_window: Open, folder: Path) -> None:
    d = open_window()
    c = Curator(d)
    c.open(folder)
    d.window.docks["dataset"].close()
    d.close()
    d = open_window()
    assert not d.wiring.dataset._recalled, "a closed panel costs nothing"
    d.window.show_panel("dataset")
    start = d.window.dataset.start
    d.qtbot.waitUntil(start.again.isVisible, timeout=PATIENCE)
    assert start.again.text() == "Go on with mixed" and start.again.toolTip() == str(folder)
    start.again.click()
    d.qtbot.waitUntil(lambda: d.wiring.session.curation.pile is not None, timeout=PATIENCE)
    assert d.wiring.session.curation.pile.source == folder
    d.settle()
    d.close()
    shutil.rmtree(folder)
    d = open_window()
    d.window.show_panel("dataset")
    d.settle()
    assert d.window.dataset.start.again.isHidden(), "it has gone"
