"""The dialogs that ask for a file. They are returned closed: connect ``fileSelected(str)``, then ``open()``."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from latent_debugger.state.folders import Folders
from latent_debugger.state.paths import CHECKPOINTS, native_dialogs

SCALES = (1, 2, 4, 8, 16)
"""Factors a saved picture can be enlarged by."""
_EVERYTHING = "All files (*)"


def open_checkpoint(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a checkpoint; objectName ``dialog.open``."""
    dialog = _dialog(parent, "dialog.open", "Open checkpoint", folder)
    dialog.setNameFilters([f"Checkpoints ({' '.join(f'*{suffix}' for suffix in CHECKPOINTS)})", _EVERYTHING])
    return dialog


def open_adapted(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for the file that an adapter reads; objectName ``dialog.open_adapted``."""
    dialog = _dialog(parent, "dialog.open_adapted", "Choose the file that the adapter reads", folder)
    dialog.setNameFilters([_EVERYTHING])
    return dialog


def open_python(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a Python file that holds an adapter; objectName ``dialog.open_python``."""
    dialog = _dialog(parent, "dialog.open_python", "Choose the Python file of the adapter", folder)
    dialog.setNameFilters(["Python files (*.py)"])
    return dialog


def open_run(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a run directory; objectName ``dialog.open_run``."""
    dialog = _dialog(parent, "dialog.open_run", "Open run", folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog


def run_place(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for the folder that a new run's own folder is made in; objectName ``dialog.run_place``."""
    dialog = _dialog(parent, "dialog.run_place", "Keep the run in", folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog


def film_strip(parent: QWidget, folder: Path, name: str = "film strip.png") -> QFileDialog:
    """Ask where to save a film strip; objectName ``dialog.film_strip``."""
    dialog = _saving(_dialog(parent, "dialog.film_strip", "Save film strip", folder), name, "png")
    dialog.setNameFilters(["PNG pictures (*.png)"])
    return dialog


def film_gif(parent: QWidget, folder: Path, name: str = "film.gif") -> QFileDialog:
    """Ask where to save a film; objectName ``dialog.film_gif``."""
    dialog = _saving(_dialog(parent, "dialog.film_gif", "Save film", folder), name, "gif")
    dialog.setNameFilters(["GIF films (*.gif)"])
    return dialog


def import_vectors(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a file of latents; objectName ``dialog.import``."""
    dialog = _dialog(parent, "dialog.import", "Import vectors", folder)
    dialog.setNameFilters(["Vectors (*.npy *.npz)", _EVERYTHING])
    return dialog


def open_key_frames(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a file of latents to make key frames of; objectName ``dialog.open_key_frames``."""
    dialog = _dialog(parent, "dialog.open_key_frames", "Open latents as key frames", folder)
    dialog.setNameFilters(["Vectors (*.npy *.npz)", _EVERYTHING])
    return dialog


def save_path(parent: QWidget, folder: Path, kind: str) -> QFileDialog:
    """Ask where to save a path; objectName ``dialog.save_path``.

    Args:
        kind: mp4, gif, npy, or png for a new folder of pictures.
    """
    titles = {"mp4": "Save film", "gif": "Save GIF", "npy": "Save latents", "png": "Save pictures in a new folder"}
    filters = {"mp4": "MP4 films (*.mp4)", "gif": "GIF films (*.gif)", "npy": "Vectors (*.npy)", "png": _EVERYTHING}
    dialog = _dialog(parent, "dialog.save_path", titles[kind], folder)
    dialog = _saving(dialog, "path" if kind == "png" else f"path.{kind}", "" if kind == "png" else kind)
    dialog.setNameFilters([filters[kind]])
    return dialog


def open_pictures(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a folder of pictures; objectName ``dialog.open_pictures``."""
    dialog = _dialog(parent, "dialog.open_pictures", "Open a folder of pictures", folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    return dialog


def open_picture_file(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a file that holds, or lists, pictures; objectName ``dialog.open_picture_file``."""
    dialog = _dialog(parent, "dialog.open_picture_file", "Open a file of pictures", folder)
    dialog.setNameFilters(["Pictures in a file, or a list of them (*.zip *.npy *.jsonl)", _EVERYTHING])
    return dialog


def picture_to_search(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a picture to search a latent for; objectName ``dialog.picture_to_search``."""
    dialog = _dialog(parent, "dialog.picture_to_search", "Search for a picture", folder)
    dialog.setNameFilters(["Pictures (*.png *.jpg *.jpeg *.webp *.bmp *.gif *.tif *.tiff)", _EVERYTHING])
    return dialog


def save_decisions(parent: QWidget, now: Path) -> QFileDialog:
    """Ask where to keep the decisions about training pictures; objectName ``dialog.save_decisions``.

    Args:
        now: where they are kept now.
    """
    dialog = _saving(_dialog(parent, "dialog.save_decisions", "Keep decisions in", now.parent), now.name, "jsonl")
    dialog.setNameFilters(["Manifest (*.jsonl)"])
    return dialog


def export_vectors(parent: QWidget, folder: Path, name: str = "stars.npy") -> QFileDialog:
    """Ask where to save latents; objectName ``dialog.export``."""
    dialog = _saving(_dialog(parent, "dialog.export", "Export stars", folder), name, "npy")
    dialog.setNameFilters(["Vectors, and their names beside them (*.npy)", "Vectors and names in one file (*.npz)"])
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("npz" if "npz" in chosen else "npy"))
    return dialog


def open_directions(parent: QWidget, folder: Path) -> QFileDialog:
    """Ask for a file of directions; objectName ``dialog.open_directions``."""
    dialog = _dialog(parent, "dialog.open_directions", "Open directions", folder)
    dialog.setNameFilters(["Directions (*.npz)", _EVERYTHING])
    return dialog


def save_directions(parent: QWidget, folder: Path, name: str = "directions.npz") -> QFileDialog:
    """Ask where to save directions; objectName ``dialog.save_directions``."""
    dialog = _saving(_dialog(parent, "dialog.save_directions", "Save directions", folder), name, "npz")
    dialog.setNameFilters(["Directions (*.npz)"])
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


def from_last_folder(dialog: QFileDialog, folders: Folders) -> QFileDialog:
    """Begin where the last dialog of this kind ended, if that folder is there still; remember where this one ends."""
    kind = dialog.objectName()
    last = folders.get(kind)
    if last is not None and QDir(last).exists():
        dialog.setDirectory(str(last))
    dialog.fileSelected.connect(lambda name: folders.remember(kind, Path(name).parent))
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
