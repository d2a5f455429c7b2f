from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from gan.data.manifest import Entry, read_manifest, write_manifest
from gan.errors import UserError
from latent_debugger.services import curation as module
from latent_debugger.services.curation import QUESTIONS, CurationService, Large, Opened, Saved, Thought
from latent_debugger.state.curation import KEEP, REJECT, Decisions, Pile


def draw(folder: Path, n: int) -> None:
    """Even ones are red circles on white, odd ones noise."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(0)
    rows, columns = np.mgrid[:40, :40]
    for k in range(n):
        pixels = random.randint(0, 256, (40, 40, 3)).astype(np.uint8)
        if k % 2 == 0:
            pixels = np.full((40, 40, 3), 255, np.uint8)
            pixels[(rows - 20) ** 2 + (columns - 20) ** 2 < (8 + k % 9) ** 2] = (200, 3 * k % 256, 40)
        Image.fromarray(pixels).save(folder / f"{k:03d}.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw(tmp_path / "data" / "mixed", 12)
    return tmp_path / "data" / "mixed"


@pytest.fixture(autouse=True)
def private_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_DEBUGGER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def service(qapp: object) -> Iterator[CurationService]:
    made = CurationService(synchronous=True)
    yield made
    made.stop()


def opened(service: CurationService, source: Path) -> Opened:
    """Open ``source``; a failure is raised."""
    answers: list[Any] = []
    service.opened.connect(answers.append)
    service.failed.connect(answers.append)
    service.open(source)
    service.opened.disconnect(answers.append)
    service.failed.disconnect(answers.append)
    (answer,) = answers
    if isinstance(answer, UserError):
        raise answer
    assert isinstance(answer, Opened)
    return answer


def answers(signal: Any) -> list[Any]:
    heard: list[Any] = []
    signal.connect(heard.append)
    return heard


def test_a_folder_becomes_a_pile(service: CurationService, folder: Path) -> None:
    (folder / "broken.png").write_bytes(b"no picture")
    found = opened(service, folder)
    pile = found.pile
    assert pile.paths == tuple(f"{k:03d}.png" for k in range(12)) and pile.name == "mixed"
    assert pile.thumbnails.shape == (12, 96, 96, 3) and pile.thumbnails.dtype == np.uint8
    assert pile.sizes.tolist() == [[40, 40]] * 12
    assert [problem.path for problem in pile.problems] == ["broken.png"] and pile.problems[0].reason
    assert {score.name for score in pile.scores} == set(pile.values)
    assert all(values.shape == (12,) for values in pile.values.values())
    assert pile.manifest == folder.parent / "mixed.manifest.jsonl" and not pile.manifest.exists()
    assert (found.decisions.keep == -1).all() and found.notice == ""
    assert not service.scanning


def test_a_zip_and_a_manifest_become_piles(service: CurationService, folder: Path) -> None:
    archive = folder.parent / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.iterdir()):
            file.write(path, f"in/{path.name}")
    assert len(opened(service, archive).pile) == 12
    manifest = folder.parent / "some.jsonl"
    write_manifest(manifest, [Entry("mixed/000.png", keep=True), Entry("mixed/001.png", keep=False)])
    found = opened(service, manifest)
    assert found.pile.manifest == manifest and found.decisions.keep.tolist() == [KEEP, REJECT]


def test_a_folder_with_an_array_is_the_array(service: CurationService, tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", np.random.RandomState(0).randint(0, 256, (5, 16, 16, 3)).astype(np.uint8))
    pile = opened(service, tmp_path).pile
    assert pile.source == tmp_path / "images.npy" and pile.manifest == tmp_path / "images.npy.manifest.jsonl"
    assert pile.name == f"{tmp_path.name}/images.npy" and pile.paths[3] == "images.npy/3"
    shown = answers(service.shown)
    service.show(pile, 3)
    assert np.array_equal(shown[0].image, np.load(tmp_path / "images.npy")[3])


@pytest.mark.parametrize("kind", ["missing", "empty", "text"])
def test_what_cannot_be_opened_is_one_sentence(service: CurationService, tmp_path: Path, kind: str) -> None:
    source = tmp_path / "pile"
    if kind == "empty":
        source.mkdir()
    elif kind == "text":
        source = tmp_path / "pile.zip"
        source.write_text("no zip")
    with pytest.raises(UserError) as caught:
        opened(service, source)
    assert "\n" not in str(caught.value) and "pile" in str(caught.value)


def test_decisions_are_saved_and_found_again(service: CurationService, folder: Path) -> None:
    pile = opened(service, folder).pile
    keep = np.array([1, 0] * 6, np.int8)
    saved = answers(service.saved)
    service.save(pile, Decisions(keep, keep == 0), pile.manifest)
    assert [answer.manifest for answer in saved] == [pile.manifest] and isinstance(saved[0], Saved)
    assert [entry.keep for entry in read_manifest(pile.manifest)] == [True, False] * 6
    again = opened(service, folder)
    assert again.decisions.keep.tolist() == keep.tolist()
    assert again.decisions.by_ranking.tolist() == (keep == 0).tolist()


def test_opening_waits_for_what_is_being_saved(qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go, save = threading.Event(), module.save_decisions

    def slow(*args: Any, **more: Any) -> Path:
        assert go.wait(20)
        return save(*args, **more)

    monkeypatch.setattr(module, "save_decisions", slow)
    service = CurationService()
    found = answers(service.opened)
    service.open(folder)
    qtbot.waitUntil(lambda: len(found) == 1, timeout=60_000)
    service.save(found[0].pile, Decisions(np.ones(12, np.int8), np.zeros(12, np.bool_)), found[0].pile.manifest)
    service.open(folder)
    QTimer.singleShot(100, go.set)
    qtbot.waitUntil(lambda: len(found) == 2, timeout=60_000)
    assert (found[1].decisions.keep == KEEP).all()
    service.stop()


def test_a_place_that_cannot_be_written_is_trouble(service: CurationService, folder: Path, tmp_path: Path) -> None:
    pile = opened(service, folder).pile
    trouble = answers(service.save_failed)
    (tmp_path / "file").touch()
    service.save(
        pile, Decisions(np.full(12, 1, np.int8), np.zeros(12, np.bool_)), tmp_path / "file" / "x.jsonl", "asked"
    )
    assert len(trouble) == 1 and "cannot be written" in str(trouble[0])


def test_it_learns_and_asks_only_about_the_undecided(service: CurationService, tmp_path: Path) -> None:
    draw(tmp_path / "many", 80)
    pile = opened(service, tmp_path / "many").pile
    keep = np.full(80, -1, np.int8)
    keep[:40] = [1, 0] * 20
    thoughts = answers(service.thought)
    service.think(pile, Decisions(keep, np.zeros(80, np.bool_)))
    (thought,) = thoughts
    assert isinstance(thought, Thought) and thought.opinion.enough
    likely = thought.opinion.probability[40:]
    assert likely[::2].min() > likely[1::2].max(), "circles before noise"
    assert 0.9 <= (thought.opinion.accuracy or 0) <= 1
    assert 0 < len(thought.opinion.asks) <= QUESTIONS and (keep[thought.opinion.asks] == -1).all()
    # what it decided itself is neither learned from nor asked about
    by_ranking = np.zeros(80, np.bool_)
    by_ranking[40:70] = True
    wrong = keep.copy()
    wrong[40:70] = [0, 1] * 15
    service.think(pile, Decisions(wrong, by_ranking))
    assert np.array_equal(thoughts[1].opinion.probability, thought.opinion.probability)
    assert set(thoughts[1].opinion.asks.tolist()) <= set(range(70, 80))


def test_without_decisions_it_asks_about_a_variety(service: CurationService, folder: Path) -> None:
    pile = opened(service, folder).pile
    thoughts = answers(service.thought)
    service.think(pile, Decisions(np.full(12, -1, np.int8), np.zeros(12, np.bool_)))
    assert not thoughts[0].opinion.enough and len(thoughts[0].opinion.asks)


def test_a_picture_is_shown_in_full(service: CurationService, tmp_path: Path) -> None:
    folder = tmp_path / "large"
    draw(folder, 2)
    Image.new("RGBA", (3200, 800), (255, 0, 0, 0)).save(folder / "wide.png")
    pile = opened(service, folder).pile
    shown = answers(service.shown)
    service.show(pile, pile.paths.index("wide.png"))
    (large,) = shown
    assert large.image.shape == (400, 1600, 3) and (large.image == 255).all(), "transparency is white"
    service.show(pile, 0)
    original = np.asarray(Image.open(folder / pile.paths[0]).convert("RGB"))
    assert np.array_equal(shown[1].image, original)
    (folder / "wide.png").unlink()
    service.show(pile, pile.paths.index("wide.png"))
    assert shown[2].image is None and "wide.png" in shown[2].trouble


def test_of_many_pictures_asked_for_only_the_last_is_read(
    qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, read = threading.Event(), []
    pile = Pile(folder, folder, (), np.zeros((0, 2), np.int32), np.zeros((0, 1, 1, 3), np.uint8), {}, ())

    def slow(pile: Pile, row: int) -> Large:
        read.append(row)
        assert go.wait(20)
        return Large(pile, row, np.zeros((1, 1, 3), np.uint8))

    monkeypatch.setattr(module, "read_large", slow)
    service = CurationService()
    shown = answers(service.shown)
    for row in range(10):
        service.show(pile, row)
    go.set()
    qtbot.waitUntil(lambda: len(shown) == 2, timeout=20_000)
    assert read == [0, 9] and [large.row for large in shown] == [0, 9]
    service.stop()


def test_a_scan_can_be_cancelled_and_replaced(qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, scan = threading.Semaphore(0), module.scan

    def slow(source: Path, progress: Any, should_stop: Any) -> object:
        if source.name != "mixed":
            began.release()
            while not should_stop():
                progress(1, 2)
                threading.Event().wait(0.01)
            raise module.Stopped
        return scan(source, progress, should_stop)

    monkeypatch.setattr(module, "scan", slow)
    service = CurationService()
    found, stopped, failed = answers(service.opened), [], answers(service.failed)
    service.stopped.connect(lambda: stopped.append(True))
    service.open(Path("endless"))
    assert began.acquire(timeout=20)
    service.cancel()
    qtbot.waitUntil(lambda: stopped == [True], timeout=20_000)
    assert not service.scanning
    service.open(Path("endless"))
    service.open(folder)
    qtbot.waitUntil(lambda: len(found) == 1, timeout=60_000)
    assert found[0].pile.source == folder and stopped == [True] and not failed
    service.open(Path("endless"))
    assert began.acquire(timeout=20) and began.acquire(timeout=20)
    service.stop()
    assert len(found) == 1 and stopped == [True] and not failed
