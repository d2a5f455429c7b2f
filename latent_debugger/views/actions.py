"""Every action of the window, as one table.

Qt offers a key first to the widget that has the focus (ShortcutOverride), and text fields take plain letters: R, N and
Z never fire while somebody types.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from latent_debugger.views import icons


@dataclass(frozen=True)
class ActionSpec:
    """One action: what it is called, how it is reached."""

    id: str
    """``area.verb``; the action's objectName."""
    text: str
    """As in the menu; & marks the mnemonic, … that a dialog follows."""
    shortcut: str
    """Empty for what is rarely wanted: the menu and the palette reach it."""
    tooltip: str
    """One clear sentence without full stop; the shortcut, if any, is added behind it."""
    icon: str = ""
    checkable: bool = False
    also: tuple[str, ...] = ()
    """Further shortcuts, not shown in the menu."""
    separated: bool = False
    """A line goes above it in the menu."""
    local: bool = False
    """The key belongs to the list of bookmarks, which answers it itself; the window must not take it from others."""

    @property
    def menu(self) -> str:
        """The area, which names the menu, unless several areas share one."""
        area = self.id.partition(".")[0]
        return _SHARED_MENUS.get(area, area)


_SHARED_MENUS = {"dataset": "train", "timeline": "train"}


MENUS: dict[str, str] = {
    "file": "&File",
    "edit": "&Edit",
    "latent": "&Latent",
    "neighbours": "&Neighbours",
    "bookmark": "&Bookmark",
    "train": "&Train",
    "view": "&View",
    "help": "&Help",
}
"""Titles of the menus by area, in their order."""

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("file.open", "&Open checkpoint…", "Ctrl+O", "Open a checkpoint file", "open"),
    ActionSpec("file.reload", "&Reload checkpoint", "F5", "Read the checkpoint from disk again", "refresh"),
    ActionSpec("file.save_picture", "&Save picture…", "Ctrl+S", "Save the picture as a PNG", "save", separated=True),
    ActionSpec("file.quit", "&Quit", "Ctrl+Q", "Close the window", separated=True),
    ActionSpec("edit.undo", "&Undo", "Ctrl+Z", "Take the last change back", "undo"),
    ActionSpec("edit.redo", "&Redo", "Ctrl+Shift+Z", "Make the change again", "redo", also=("Ctrl+Y",)),
    ActionSpec(
        "edit.copy_picture", "&Copy picture", "Ctrl+Shift+C", "Copy the picture to the clipboard", "copy",
        separated=True,
    ),
    ActionSpec("edit.preferences", "&Preferences…", "Ctrl+,", "Change how the program looks and works", separated=True),
    ActionSpec("latent.random", "&Random", "R", "Draw all unlocked values at random", "dice"),
    ActionSpec(
        "latent.random_near", "Random &near a star", "Shift+R", "Draw a relative of a random star, as far as σ says",
        "sparkle",
    ),
    ActionSpec("latent.zero", "&Zero", "Z", "Set all unlocked values to zero", "zero"),
    ActionSpec("latent.lock", "Loc&k dimension", "L", "Lock or unlock the dimension in focus", separated=True),
    ActionSpec("latent.pin", "&Pin dimension", "P", "Keep the dimension in focus on top, or let it go", "pin"),
    ActionSpec("latent.hide", "&Hide dimension", "H", "Put the dimension in focus out of the way, or back"),
    ActionSpec("latent.lock_all", "&Lock all", "Ctrl+L", "Keep every value as it is", "lock", separated=True),
    ActionSpec("latent.unlock_all", "&Unlock all", "Ctrl+Shift+L", "Let every value change again", "unlock"),
    ActionSpec("latent.find", "&Find dimension…", "Ctrl+F", "Find a dimension by its number", "search", separated=True),
    ActionSpec("latent.seed", "Enter &seed…", "Ctrl+G", "Type a seed to draw from"),
    ActionSpec("neighbours.sample", "&Sample neighbours", "N", "Draw new neighbours", "sparkle"),
    ActionSpec("neighbours.reset_sigma", "&Default σ", "Ctrl+Alt+N", "Set σ back to the default in the preferences"),
    ActionSpec("neighbours.back", "&Back", "Alt+Left", "Show the neighbours before these", "back", separated=True),
    ActionSpec("neighbours.forward", "&Forward", "Alt+Right", "Show the neighbours after these", "forward"),
    ActionSpec("bookmark.add", "&Add bookmark", "Ctrl+D", "Keep this picture as a bookmark", "star"),
    ActionSpec("bookmark.recall", "&Go to bookmark", "Return", "Go back to the selected bookmark", local=True),
    ActionSpec("bookmark.rename", "Re&name bookmark", "F2", "Give the selected bookmark a name", "edit", local=True),
    ActionSpec("bookmark.find", "Find boo&kmark…", "Ctrl+Shift+F", "Find a bookmark by name, tag or note", "search"),
    ActionSpec("bookmark.move_earlier", "Move ea&rlier", "Alt+Up", "Move the selected ones one place up", local=True),
    ActionSpec("bookmark.move_later", "Move &later", "Alt+Down", "Move the selected ones one place down", local=True),
    ActionSpec("bookmark.delete", "&Delete bookmarks", "Del", "Delete the selected bookmarks", "trash", local=True),
    ActionSpec(
        "bookmark.export", "&Export bookmarks…", "Ctrl+E", "Save the selected bookmarks, or all shown, as vectors",
        "export", separated=True,
    ),
    ActionSpec("bookmark.import", "&Import vectors…", "Ctrl+I", "Add bookmarks from a vector file", "import"),
    ActionSpec(
        "bookmark.contact_sheet", "&Contact sheet…", "Ctrl+Shift+E", "Draw the selected bookmarks, or all, on a sheet",
    ),
    ActionSpec(
        "bookmark.find_duplicates", "&Find duplicates", "Ctrl+Shift+D", "Select the copies among the bookmarks",
        separated=True,
    ),
    ActionSpec("train.start", "&Start training…", "Ctrl+T", "Set up a training run and start it", "play"),
    ActionSpec("train.pause", "&Pause or resume", "Ctrl+Shift+T", "Let the run in view rest, or go on", "pause"),
    ActionSpec("train.stop", "S&top and save", "Ctrl+Alt+T", "Save the run in view and end it", "stop"),
    ActionSpec("view.theme_system", "S&ystem theme", "Ctrl+Alt+1", "Follow the system's theme", checkable=True),
    ActionSpec("view.theme_light", "&Light theme", "Ctrl+Alt+2", "Use the light theme", "sun", checkable=True),
    ActionSpec("view.theme_dark", "&Dark theme", "Ctrl+Alt+3", "Use the dark theme", "moon", checkable=True),
    ActionSpec(
        "view.fader_bank", "F&ader bank", "B", "Show the latents as upright sliders side by side", "faders",
        checkable=True, separated=True,
    ),
    ActionSpec(
        "view.smooth", "S&mooth picture", "Ctrl+M", "Smooth the enlarged picture instead of showing its pixels",
        checkable=True, separated=True,
    ),
    ActionSpec("view.full_screen", "&Full screen", "F11", "Use the whole screen", checkable=True, separated=True),
    ActionSpec("view.reset_layout", "&Reset layout", "Ctrl+Alt+0", "Put every panel back in its place"),
    ActionSpec("view.next_panel", "Ne&xt panel", "F6", "Move the keyboard to the next panel", separated=True),
    ActionSpec("view.previous_panel", "&Previous panel", "Shift+F6", "Move the keyboard to the panel before"),
    ActionSpec(
        "view.model_info", "Model inf&ormation", "Ctrl+Shift+I", "Show how the model is built and where it comes from",
        "info", separated=True,
    ),
    ActionSpec("help.palette", "&Command palette…", "Ctrl+K", "Find any command by a few letters", "search"),
    ActionSpec("help.shortcuts", "&Keyboard shortcuts", "F1", "Show every keyboard shortcut", "info"),
    ActionSpec(
        "help.report", "&Report a problem…", "Shift+F1", "Collect what somebody needs to know who wants to help",
        "warning", separated=True,
    ),
    ActionSpec("help.about", "&About Latent Debugger", "Ctrl+F1", "Show version and licence"),
)  # fmt: skip

DOCK_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("view.latents", "La&tents", "Ctrl+1", "Show or hide the latents", checkable=True, separated=True),
    ActionSpec("view.neighbours", "&Neighbours", "Ctrl+2", "Show or hide the neighbours", checkable=True),
    ActionSpec("view.bookmarks", "&Bookmarks", "Ctrl+3", "Show or hide the bookmarks", checkable=True),
    ActionSpec("view.training", "Trainin&g", "Ctrl+4", "Show or hide the training runs", checkable=True),
    ActionSpec("view.timeline", "Timel&ine", "Ctrl+5", "Show or hide the checkpoints of a run", checkable=True),
    ActionSpec("view.dataset", "Datas&et", "Ctrl+6", "Show or hide the training pictures", checkable=True),
)
"""What the panels' own toggle actions are dressed in."""


def dress(action: QAction, spec: ActionSpec) -> QAction:
    """Give ``action`` everything ``spec`` says, and return it."""
    action.setObjectName(spec.id)
    action.setText(spec.text)
    action.setShortcuts([QKeySequence(keys) for keys in (spec.shortcut, *spec.also) if keys])
    if spec.local:
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{spec.tooltip} ({keys})" if keys else spec.tooltip)
    action.setIconVisibleInMenu(False)  # icons are for buttons; menus keep one clean edge
    action.setMenuRole(QAction.MenuRole.NoRole)
    action.setCheckable(spec.checkable)
    if spec.icon:
        icons.set_icon(action, spec.icon)
    return action


def build_actions(parent: QObject) -> dict[str, QAction]:
    """All actions of :data:`ACTIONS` by id, owned by ``parent``."""
    return {spec.id: dress(QAction(parent), spec) for spec in ACTIONS}
