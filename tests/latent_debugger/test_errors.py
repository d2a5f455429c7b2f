from __future__ import annotations

import logging
import sys
import threading

import pytest
from PySide6.QtCore import QObject, QThread, QTimer, qCritical, qInstallMessageHandler, qWarning
from shiboken6 import delete

import gan.errors
from latent_debugger.errors import Reporter, UserError, report_unexpected


@pytest.fixture
def reporter(qapp):
    reporter = Reporter()
    reporter.seen = []
    reporter.unexpected.connect(lambda text: reporter.seen.append((text, QThread.currentThread())))
    reporter.mistake.connect(lambda error: reporter.seen.append((error, QThread.currentThread())))
    reporter.install()
    yield reporter
    reporter.uninstall()


def fail():
    raise ZeroDivisionError("in the test")


def test_there_is_one_user_error():
    assert UserError is gan.errors.UserError


def test_an_exception_in_a_slot_is_reported_with_its_traceback(reporter, qtbot, caplog):
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: bool(reporter.seen))
    text, thread = reporter.seen[0]
    assert "in fail" in text and "ZeroDivisionError: in the test" in text and text in caplog.text + "\n"
    assert thread is reporter.thread()


def test_an_exception_in_a_thread_is_announced_in_the_gui_thread(reporter, qtbot):
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert reporter.seen == []
    qtbot.waitUntil(lambda: bool(reporter.seen))
    text, where = reporter.seen[0]
    assert "ZeroDivisionError" in text and where is reporter.thread()


def test_an_escaped_mistake_is_no_bug(reporter, caplog):
    error = UserError("The disk is full.", "Free some space.")
    report_unexpected(error)
    assert reporter.seen[0][0] is error
    assert "Traceback" not in caplog.text and "The disk is full. Free some space." in caplog.text


def test_qt_messages_are_logged_and_critical_ones_announced(reporter, caplog):
    caplog.set_level(logging.DEBUG)
    qWarning("careful")
    qCritical("oh no")
    assert [(r.levelname, r.message) for r in caplog.records] == [("WARNING", "Qt: careful"), ("ERROR", "Qt: oh no")]
    assert [value for value, _ in reporter.seen] == ["Qt: oh no"]


def test_ctrl_c_and_exit_are_left_alone(reporter, capsys):
    for kind in (KeyboardInterrupt, SystemExit):
        sys.excepthook(kind, kind(), None)
    assert reporter.seen == []


def test_uninstall_puts_everything_back(qapp):
    before = sys.excepthook, threading.excepthook
    handler = qInstallMessageHandler(None)
    qInstallMessageHandler(handler)
    reporter = Reporter()
    reporter.install()
    reporter.install()
    assert sys.excepthook != before[0]
    reporter.uninstall()
    reporter.uninstall()
    assert (sys.excepthook, threading.excepthook) == before
    assert qInstallMessageHandler(handler) is handler


def test_errors_after_the_reporter_is_gone_still_reach_the_log(qapp, caplog):
    parent = QObject()
    reporter = Reporter(parent)
    reporter.install()
    delete(parent)
    report_unexpected(ZeroDivisionError("late"))
    reporter.uninstall()
    report_unexpected(ZeroDivisionError("later"))
    assert "late" in caplog.text and "later" in caplog.text
