"""Offscreen Qt, a private home for every test, and no test may leave a thread or a window behind."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pytest
import torch  # before PySide6: on Windows c10.dll does not load after Qt
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

torch.set_num_threads(1)
_MUCH_GARBAGE = 50_000  # objects made since the last collection


PATIENCE_MS = 30_000
"""How long a test waits for what must come. pytest-qt's own limits, 1 and 5 s, are too short on a busy machine."""


class PatientBot(QtBot):
    """Waits for :data:`PATIENCE_MS` unless told otherwise; its double clicks let go of the button."""

    @staticmethod
    def mouseDClick(*args: Any, **how: Any) -> None:
        QtBot.mouseDClick(*args, **how)
        QtBot.mouseRelease(*args, **how)  # QTest leaves that out: later tests would find the button held

    def waitActive(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitActive(widget, timeout=timeout)

    def waitExposed(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitExposed(widget, timeout=timeout)

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **how: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **how)

    def waitSignals(self, signals: Any, *, timeout: int = PATIENCE_MS, **how: Any) -> Any:
        return super().waitSignals(signals, timeout=timeout, **how)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's, but patient."""
    return PatientBot(request)


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's own library."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LATENT_DEBUGGER_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def garbage_of_tests() -> Iterator[None]:
    """Collect cycles here, between tests. Automatic collection may happen in a test's worker thread and destroy Qt
    objects of earlier tests there: a file system watcher's notifier then stays behind, and Qt loops for ever over it.
    (In the program the window sees to this: latent_debugger/services/garbage.py.)"""
    gc.disable()
    yield
    if gc.get_count()[0] > _MUCH_GARBAGE:
        gc.collect()


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a service's thread running, a window open or a mouse button held."""
    windows, held = set(_windows()), QApplication.mouseButtons()
    yield
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("latent-debugger")]
    assert not threads, f"left running: {threads}"
    left = [widget for widget in _windows() if widget not in windows and widget.isVisible()]
    assert not left, f"left open: {left}"
    held = QApplication.mouseButtons() & ~held
    assert not held, f"left held: {held}; let go of it, and double-click with qtbot, not with QTest"


def _windows() -> list[object]:
    return list(QApplication.topLevelWidgets()) if isinstance(QApplication.instance(), QApplication) else []
