"""What must hold after every action, and what must not grow."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QSlider
from shiboken6 import isValid

from latent_debugger.state.bookmark import z_bytes
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.paths import library_path, session_path
from latent_debugger.state.snapshot import SessionSnapshot
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring import Wiring

LINUX = sys.platform.startswith("linux")
HARMLESS = "Qt: This plugin does not support"  # the offscreen platform's way of being offscreen


class Listener(logging.Handler):
    """Collects unexpected errors and everything Qt complains about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.complaints: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if (record.levelno >= logging.ERROR or text.startswith("Qt:")) and HARMLESS not in text:
            self.complaints.append(text)
            if record.levelno >= logging.CRITICAL:
                print(text, flush=True)  # Qt aborts next


def check(window: MainWindow, wiring: Wiring, listener: Listener) -> list[str]:
    """What is wrong with a window at rest; empty when all is well."""
    wrong, listener.complaints = listener.complaints, []
    latent = wiring.session.latent
    wrong += [f"the action {name} is gone" for name, action in window.action_map.items() if not isValid(action)]
    sliders = [s for s in window.latents.list.widget().findChildren(QSlider) if s.accessibleName().startswith("z ")]
    if len(sliders) != latent.dim:
        wrong.append(f"{len(sliders)} sliders for {latent.dim} dimensions")
    if not np.isfinite(latent.z).all():
        wrong.append("the latent is not finite")
    renderer = wiring.services.render._renderer
    if renderer is not None and not np.array_equal(_shown(window), renderer.pixels(latent.z[np.newaxis])[0]):
        wrong.append("the canvas does not show the latent's picture")
    model = wiring.session.model
    starred = model is not None and wiring.session.library.contains_latent(z_bytes(latent.z), model) is not None
    if window.canvas.star._starred != starred:
        wrong.append(f"the star is {'dark' if starred else 'alight'}")
    return wrong


def check_disk(wiring: Wiring) -> list[str]:
    """Whether library and session on disk are those in memory."""
    wrong = []
    database = BookmarkDatabase(library_path())
    try:
        order = {item.id: item for item in database.all()}
    finally:
        database.close()
    if order != {item.id: item for item in wiring.session.library.bookmarks()}:
        wrong.append("the library on disk is not the one in memory")
    wiring.memory.save_now()
    wiring.wait_idle(60)
    kept, saved = wiring.memory._snapshot, SessionSnapshot.load(session_path())
    if saved != kept:
        wrong.append("the session does not survive being saved")
    if saved.z != z_bytes(wiring.session.latent.z) or saved.locks != tuple(wiring.session.latent.locks.nonzero()[0]):
        wrong.append("the session saved is not the one on show")
    return wrong


def _shown(window: MainWindow) -> np.ndarray:
    image = window.canvas.picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)


@dataclass(frozen=True)
class Reading:
    """What the process holds at one moment, after everything that can go has gone."""

    action: int
    memory_mib: float
    threads: int
    files: int
    widgets: int
    stars: int

    def __str__(self) -> str:
        return (
            f"{self.action:6d} {self.memory_mib:8.1f} MiB {self.threads:4d} threads {self.files:4d} files "
            f"{self.widgets:5d} widgets {self.stars:3d} stars"
        )


def read(action: int, stars: int) -> Reading:
    """Measure now; memory and files only where Linux tells them, else 0."""
    for _ in range(2):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
        gc.collect()
    memory, files = 0.0, 0
    if LINUX:
        ctypes.CDLL(None).malloc_trim(0)  # or the number tells of the allocator's habits
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        memory, files = pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(list(Path("/proc/self/fd").iterdir()))
    return Reading(action, memory, _threads(), files, len(QApplication.allWidgets()), stars)


def _threads() -> int:
    """Those that live. Python goes on listing a QThread that ended, until another one gets its number."""
    listed = threading.enumerate()
    if not LINUX:
        return len(listed)
    return sum(Path(f"/proc/self/task/{thread.native_id}").exists() for thread in listed)
