from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from latent_debugger.services.garbage import INTERVAL_MS, GuiGarbageCollector


@pytest.fixture(autouse=True)
def automatic_collection(garbage_of_tests):
    gc.enable()


@pytest.fixture
def collector(qapp):
    collector = GuiGarbageCollector()
    yield collector
    collector.stop()
    assert gc.isenabled()


class Knot:
    def __init__(self):
        self.me = self


def test_a_busy_worker_collects_nothing(collector):
    seen = weakref.ref(Knot())
    thread = threading.Thread(target=lambda: [Knot() for _ in range(20_000)])
    thread.start()
    thread.join()
    assert not gc.isenabled() and seen() is not None


def test_the_timer_collects_in_the_gui_thread(collector, qtbot):
    threads = []
    gc.callbacks.append(note := lambda phase, info: threads.append(threading.current_thread()))
    seen = weakref.ref(Knot())
    garbage = [Knot() for _ in range(gc.get_threshold()[0] + 1)]
    del garbage
    qtbot.waitUntil(lambda: seen() is None, timeout=20 * INTERVAL_MS)
    gc.callbacks.remove(note)
    assert set(threads) == {threading.current_thread()}


def test_few_new_objects_are_no_reason_to_collect(collector):
    gc.collect()
    before = [generation["collections"] for generation in gc.get_stats()]
    collector.collect()
    assert [generation["collections"] for generation in gc.get_stats()] == before


def test_older_generations_are_collected_as_they_fill_up(collector):
    before = [generation["collections"] for generation in gc.get_stats()]
    for _ in range(300):
        garbage = [[] for _ in range(2 * gc.get_threshold()[0])]  # twice: the first few are recycled
        collector.collect()
        del garbage
    after = [generation["collections"] for generation in gc.get_stats()]
    assert all(now > then for now, then in zip(after, before, strict=True))


def test_stop_twice_and_a_collector_that_was_off(qapp):
    gc.disable()
    try:
        collector = GuiGarbageCollector()
        collector.stop()
        collector.stop()
        assert not gc.isenabled() and gc.get_freeze_count() == 0
    finally:
        gc.enable()


def test_an_owner_that_is_destroyed_without_a_word_leaves_automatic_collection_on(qapp):
    owner = QObject()
    GuiGarbageCollector(owner)  # nobody keeps its wrapper
    assert not gc.isenabled()
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert gc.isenabled()
