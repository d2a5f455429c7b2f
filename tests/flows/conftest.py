"""The real window on a small real model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QFileDialog, QListView, QSlider, QWidget
from pytestqt.qtbot import QtBot

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.images import Bytes
from gan.models import build_critic, build_generator
from latent_debugger.application import build
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring import Wiring

HARMLESS = "propagateSizeHints"  # what the offscreen platform says of every window


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Path]:
    """Writes a checkpoint with random weights; its pictures differ visibly from latent to latent."""

    def make(
        name: str = "model.safetensors",
        *,
        z_dim: int = 12,
        seed: int = 0,
        run: str | None = "run-a",
        channels: int = 3,
        critic: bool = False,
    ) -> Path:
        torch.manual_seed(seed)
        config = ModelConfig(image_size=32, z_dim=z_dim, width=4, channels=channels)
        generator = build_generator(config)
        networks = [generator]
        if critic:
            networks.append(build_critic(config))
        with torch.no_grad():
            for parameter in (value for network in networks for value in network.parameters()):
                parameter.mul_(4.0)
        path = tmp_path / name
        info = CheckpointInfo(path, "dcgan", config, step=7, run=run)
        save_checkpoint(path, generator, info, networks[1] if critic else None)
        return path

    return make


@dataclass
class Driver:
    """A window under test, handled as a user would: by object names and actions."""

    qtbot: QtBot
    window: MainWindow

    @property
    def wiring(self) -> Wiring:
        found = self.window.property("wiring")
        assert isinstance(found, Wiring)
        return found

    @property
    def z(self) -> np.ndarray:
        return self.wiring.session.latent.z

    def settle(self) -> None:
        """Wait until nothing is on its way any more, and everything is painted."""
        for _ in range(3):
            QCoreApplication.processEvents()
            assert self.wiring.wait_idle(20)
            QCoreApplication.processEvents()

    def trigger(self, action_id: str) -> None:
        action = self.window.findChild(QAction, action_id)
        assert action is not None, action_id
        assert action.isEnabled(), action_id
        action.trigger()
        self.settle()

    def find(self, kind: type, name: str) -> object:
        found = self.window.findChild(kind, name)
        assert found is not None, name
        return found

    def sliders(self) -> list[QSlider]:
        panel = self.find(QWidget, "latentPanel")
        assert isinstance(panel, QWidget)
        return sorted(panel.findChildren(QSlider), key=lambda slider: int(slider.accessibleName().split()[1]))

    def list_view(self, name: str) -> QListView:
        view = self.find(QListView, name)
        assert isinstance(view, QListView)
        return view

    def picture(self) -> Bytes:
        """The canvas's picture (H, W, 3)."""
        image = self.window.canvas.picture.convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()

    def stars(self) -> tuple[Bookmark, ...]:
        return self.wiring.session.library.bookmarks()

    def answer_dialog(self, action_id: str, dialog_name: str, path: Path) -> None:
        """Trigger an action that asks for a file, and choose ``path``."""
        action = self.window.findChild(QAction, action_id)
        assert action is not None
        action.trigger()
        dialog = self.window.findChild(QFileDialog, dialog_name)
        assert dialog is not None, dialog_name
        dialog.fileSelected.emit(str(path))
        dialog.close()
        self.settle()

    def message(self) -> str:
        return self.window.messages.text()

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def open_window(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[..., Driver]]:
    """Opens the real window; closes what the test left open, and fails on any Qt warning or unexpected error."""
    drivers: list[Driver] = []
    caplog.set_level(logging.WARNING)

    def open_it(*argv: object, settle: bool = True) -> Driver:
        _, window = build([str(word) for word in argv])
        driver = Driver(qtbot, window)
        drivers.append(driver)
        if settle:
            driver.settle()
        return driver

    yield open_it
    for driver in drivers:
        if _alive(driver.window):
            driver.close()
    bad = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR or r.getMessage().startswith("Qt:")]
    bad = [message for message in bad if HARMLESS not in message]
    assert not bad, bad


def _alive(window: MainWindow) -> bool:
    from shiboken6 import isValid

    return bool(isValid(window))
