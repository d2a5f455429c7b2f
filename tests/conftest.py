"""Offscreen Qt, a private home for every test, and no test may leave a thread or a window behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pytest
import torch  # before PySide6: on Windows c10.dll does not load after Qt
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's own library."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LATENT_DEBUGGER_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a service's thread running or a window open."""
    windows = set(_windows())
    yield
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("latent-debugger")]
    assert not threads, f"left running: {threads}"
    left = [widget for widget in _windows() if widget not in windows and widget.isVisible()]
    assert not left, f"left open: {left}"


def _windows() -> list[object]:
    return list(QApplication.topLevelWidgets()) if isinstance(QApplication.instance(), QApplication) else []
