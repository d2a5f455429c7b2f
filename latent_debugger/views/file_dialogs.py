"""The dialogs that ask for a file. They are returned closed: connect ``fileSelected(str)``, then ``open()``."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from latent_debugger.state.paths import native_dialogs

SCALES = (1, 2, 4, 8, 16)
"""Factors a saved picture can be enlarged by."""
_EVERYTHING = "All files (*)"


def open_checkpoint(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a checkpoint; objectName ``dialog.open``."""
    dialog = _dialog(parent, "dialog.open", "Open checkpoint", folder)
    dialog.setNameFilters(["Checkpoints (*.safetensors)", _EVERYTHING])
    return dialog


def import_vectors(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a file of latents; objectName ``dialog.import``."""
    dialog = _dialog(parent, "dialog.import", "Import vectors", folder)
    dialog.setNameFilters(["Vectors (*.npy *.npz)", _EVERYTHING])
    return dialog


def export_vectors(parent: QWidget, folder: Path, name: str = "bookmarks.npy") -> QFileDialog:
    """Ask where to save latents; objectName ``dialog.export``."""
    dialog = _saving(_dialog(parent, "dialog.export", "Export bookmarks", folder), name, "npy")
    dialog.setNameFilters(["Vectors, and their names beside them (*.npy)", "Vectors and names in one file (*.npz)"])
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("npz" if "npz" in chosen else "npy"))
    return dialog


def contact_sheet(parent: QWidget, folder: Path, name: str = "contact sheet.png") -> QFileDialog:
    """Ask where to save a contact sheet; objectName ``dialog.contact_sheet``."""
    dialog = _saving(_dialog(parent, "dialog.contact_sheet", "Save contact sheet", folder), name, "png")
    dialog.setNameFilters(["PNG pictures (*.png)"])
    return dialog


def save_picture(parent: QWidget, folder: Path, image_size: int, name: str = "picture.png") -> QFileDialog:
    """Ask where, and how large, to save the picture; objectName ``dialog.save_picture``.

    Args:
        image_size: height and width of the picture in pixels. The type of file names the size (``scale_of``).
    """
    dialog = _saving(_dialog(parent, "dialog.save_picture", "Save picture", folder), name, "png")
    dialog.setNameFilters([f"PNG ×{k}, {k * image_size} × {k * image_size} pixels (*.png)" for k in SCALES])
    dialog.selectNameFilter(dialog.nameFilters()[SCALES.index(8)])
    return dialog


def scale_of(dialog: QFileDialog) -> int:
    """The factor chosen in a dialog of :func:`save_picture`."""
    return SCALES[dialog.nameFilters().index(dialog.selectedNameFilter())]


def _dialog(parent: QWidget, name: str, title: str, folder: Path) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(folder))
    dialog.setObjectName(name)
    dialog.setAccessibleName(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not native_dialogs())
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return dialog


def _saving(dialog: QFileDialog, name: str, suffix: str) -> QFileDialog:
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(name)
    return dialog
