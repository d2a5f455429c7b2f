from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject, QThread
from shiboken6 import delete

from latent_debugger.errors import Reporter, UserError
from latent_debugger.services.worker import Worker


@pytest.fixture(params=[False, True], ids=["thread", "synchronous"])
def worker(request, qapp):
    worker = Worker("test", trouble="It did not work.", synchronous=request.param)
    yield worker
    worker.stop()


def test_answers_come_in_order_in_the_gui_thread(worker):
    answers = []
    for number in range(20):
        worker.submit(lambda n: n * n, number, done=lambda value: answers.append((value, QThread.currentThread())))
    assert worker.wait_idle(10)
    assert [value for value, _ in answers] == [n * n for n in range(20)]
    assert {thread for _, thread in answers} == {worker.thread()}


def test_answers_come_by_the_event_loop(qtbot, qapp):
    worker, answers = Worker("test"), []
    worker.submit(threading.current_thread, done=answers.append)
    assert answers == []  # never before the caller is back in the event loop
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0] is not threading.current_thread()
    worker.stop()


def test_a_users_mistake_reaches_failed(worker):
    errors = []

    def work():
        raise UserError("No.", "Do it otherwise.")

    worker.submit(work, done=pytest.fail, failed=errors.append)
    assert worker.wait_idle(10)
    assert [(e.text, e.hint) for e in errors] == [("No.", "Do it otherwise.")]


def test_a_bug_is_reported_and_told_in_one_sentence(worker, caplog, qapp):
    errors, tracebacks, reporter = [], [], Reporter()
    reporter.unexpected.connect(tracebacks.append)
    reporter.install()
    worker.submit(lambda: 1 / 0, done=pytest.fail, failed=errors.append)
    assert worker.wait_idle(10)
    qapp.processEvents()
    reporter.uninstall()
    assert errors[0].text == "It did not work." and isinstance(errors[0], UserError)
    assert "ZeroDivisionError" in caplog.text and "ZeroDivisionError" in tracebacks[0]


def test_a_mistake_that_nobody_waits_for_is_not_lost(worker, caplog):
    def work():
        raise UserError("The disk is full.")

    worker.submit(work)
    assert worker.wait_idle(10)
    assert "The disk is full." in caplog.text


def test_busy_from_the_first_job_to_the_last_answer(worker):
    busy = []
    worker.busy_changed.connect(busy.append)
    assert not worker.busy
    worker.submit(int, done=lambda _: worker.submit(int, done=lambda _: busy.append("second")))
    assert worker.wait_idle(10)
    assert busy == [True, "second", False] and not worker.busy


def test_wait_idle_times_out_while_a_job_runs(qapp):
    worker, gate = Worker("test"), threading.Event()
    worker.submit(gate.wait, 10)
    assert not worker.wait_idle(0.01)
    gate.set()
    assert worker.wait_idle(10)
    worker.stop()


def test_stop_finishes_the_queue_and_withholds_answers(qapp):
    worker, done = Worker("test"), []
    for number in range(5):
        worker.submit(done.append, number, done=pytest.fail)
    worker.stop()
    worker.stop()
    worker.submit(done.append, 99)
    qapp.processEvents()
    assert done == list(range(5)) and worker.wait_idle(0)


def test_a_destroyed_parent_takes_the_thread_along(qapp):
    parent, gate = QObject(), threading.Event()
    worker = Worker("test", parent)
    finished = []
    worker.submit(lambda: (gate.wait(0.1), finished.append(1)), done=pytest.fail)
    delete(parent)
    assert finished == [1]
    assert not any(t.name == "latent-debugger test" for t in threading.enumerate())


def test_a_stopped_worker_is_freed_without_the_cycle_collector(qapp):
    worker = Worker("test")
    worker.submit(int)
    assert worker.wait_idle(10)
    worker.stop()
    seen = weakref.ref(worker)
    gc.disable()
    try:
        del worker
        assert seen() is None
    finally:
        gc.enable()
