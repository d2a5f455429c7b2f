"""Where the user's things are kept, and what they are called."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths

HOME_VARIABLE = "LATENT_DEBUGGER_HOME"
APP_NAME = "latent-debugger"
CHECKPOINTS = (".safetensors", ".pth", ".pt", ".ckpt", ".bin", ".tar", ".pkl", ".onnx")
"""Suffixes of this program's checkpoints and of other projects', in lower case."""


def home() -> Path:
    """The folder of everything the program keeps: $LATENT_DEBUGGER_HOME, or the system's place for application data.

    It may not exist yet; whoever writes makes it. The application's name is appended here rather than by Qt, whose
    AppDataLocation depends on whether a QApplication exists and how a host has named it.
    """
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)) / APP_NAME


def library_path() -> Path:
    """The bookmarks' database."""
    return home() / "bookmarks.sqlite"


def session_path() -> Path:
    """What is restored at the next start."""
    return home() / "session.json"


def settings_path() -> Path:
    """The preferences."""
    return home() / "settings.json"


def drawn_as_path() -> Path:
    """How other projects' files are drawn, where the user has said it."""
    return home() / "drawn-as.json"


def adapters_path() -> Path:
    """Which files somebody's own code has opened."""
    return home() / "adapters.json"


def timeline_path() -> Path:
    """Which stars are under every checkpoint, and whether new ones are followed."""
    return home() / "timeline.json"


def key_frames_path() -> Path:
    """The key frames of paths, and how films of them were exported last."""
    return home() / "key-frames.json"


def sensitivity_path() -> Path:
    """Whether sensitivities, heat maps and previews are shown."""
    return home() / "sensitivity.json"


def directions_path() -> Path:
    """How the panel of the directions is set."""
    return home() / "directions.json"


def directions_folder() -> Path:
    """The directions of each model."""
    return home() / "directions"


def log_folder() -> Path:
    """The log and its predecessors."""
    return home() / "log"


def native_dialogs() -> bool:
    """Whether file dialogs are the system's own; Qt's, which tests can drive, when $LATENT_DEBUGGER_HOME is set."""
    return not os.environ.get(HOME_VARIABLE)
