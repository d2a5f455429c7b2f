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


_SHARED_MENUS = {
    "dataset": "train",
    "timeline": "train",
    "sensitivity": "instruments",
    "direction": "instruments",
    "critic": "instruments",
    "path": "instruments",
    "projection": "instruments",
    "memorisation": "instruments",
}


MENUS: dict[str, str] = {
    "file": "&File",
    "edit": "&Edit",
    "latent": "&Latent",
    "neighbours": "&Neighbours",
    "bookmark": "&Stars",
    "train": "&Train",
    "instruments": "&Instruments",
    "view": "&View",
    "help": "&Help",
}
"""Titles of the menus by area, in their order."""

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("file.open", "&Open checkpoint…", "Ctrl+O", "Open a checkpoint file", "open"),
    ActionSpec(
        "file.open_run", "Open r&un…", "Ctrl+Shift+O",
        "Open the newest checkpoint of a run, and follow it if it trains",
    ),
    ActionSpec(
        "file.open_with_adapter", "Open with &adapter…", "",
        "Open a file with a Python program of yours that draws its pictures",
    ),
    ActionSpec("file.reload", "&Reload checkpoint", "F5", "Read the checkpoint from disk again", "refresh"),
    ActionSpec(
        "file.drawn_as", "How it is &drawn…", "", "Choose among pictures what another project's file does not tell",
    ),
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
        "latent.random_near", "Random &near a star", "Shift+R", "Draw a neighbour of a random star, as far as σ says",
        "sparkle",
    ),
    ActionSpec("latent.zero", "&Zero", "Z", "Set all unlocked values to zero", "zero"),
    ActionSpec("latent.lock", "Loc&k dimension", "L", "Lock or unlock the dimension in focus", separated=True),
    ActionSpec("latent.pin", "&Pin dimension", "P", "Keep the dimension in focus on top, or let it go", "pin"),
    ActionSpec("latent.hide", "&Hide dimension", "H", "Put the dimension in focus out of the way, or back"),
    ActionSpec("latent.lock_all", "&Lock all", "Ctrl+L", "Keep every value as it is", "lock", separated=True),
    ActionSpec("latent.unlock_all", "&Unlock all", "Ctrl+Shift+L", "Let every value change again", "unlock"),
    ActionSpec("latent.find", "&Find dimension…", "Ctrl+F", "Find a dimension by its number", "search", separated=True),
    ActionSpec("latent.preview", "Pre&view dimension", "F3", "Show pictures over the range of the dimension in focus"),
    ActionSpec("latent.seed", "Enter &seed…", "Ctrl+G", "Type a seed to draw from"),
    ActionSpec("neighbours.sample", "&Sample neighbours", "N", "Draw new neighbours", "sparkle"),
    ActionSpec("neighbours.reset_sigma", "&Default σ", "Ctrl+Alt+N", "Set σ back to the default in the preferences"),
    ActionSpec("neighbours.back", "&Back", "Alt+Left", "Show the neighbours before these", "back", separated=True),
    ActionSpec("neighbours.forward", "&Forward", "Alt+Right", "Show the neighbours after these", "forward"),
    ActionSpec("bookmark.add", "&Star this picture", "Ctrl+D", "Keep this picture, to come back to it", "star"),
    ActionSpec("bookmark.recall", "&Go to star", "Return", "Go back to the selected star", local=True),
    ActionSpec("bookmark.rename", "Re&name star", "F2", "Give the selected star a name", "edit", local=True),
    ActionSpec("bookmark.find", "Find s&tar…", "Ctrl+Shift+F", "Find a star by name, tag or note", "search"),
    ActionSpec("bookmark.move_earlier", "Move ea&rlier", "Alt+Up", "Move the selected ones one place up", local=True),
    ActionSpec("bookmark.move_later", "Move &later", "Alt+Down", "Move the selected ones one place down", local=True),
    ActionSpec("bookmark.delete", "&Delete stars", "Del", "Delete the selected stars", "trash", local=True),
    ActionSpec(
        "bookmark.export", "&Export stars…", "Ctrl+E", "Save the selected stars, or all shown, as vectors",
        "export", separated=True,
    ),
    ActionSpec("bookmark.import", "&Import vectors…", "Ctrl+I", "Add stars from a vector file", "import"),
    ActionSpec(
        "bookmark.contact_sheet", "&Contact sheet…", "Ctrl+Shift+E", "Draw the selected stars, or all, on a sheet",
    ),
    ActionSpec(
        "bookmark.find_duplicates", "&Find duplicates", "Ctrl+Shift+D", "Select the copies among the stars",
        separated=True,
    ),
    ActionSpec("train.start", "&Start training…", "Ctrl+T", "Set up a training run and start it", "play"),
    ActionSpec("train.pause", "&Pause or resume", "Ctrl+Shift+T", "Let the run in view rest, or go on", "pause"),
    ActionSpec("train.stop", "S&top and save", "Ctrl+Alt+T", "Save the run in view and end it", "stop"),
    ActionSpec("train.extend", "E&xtend…", "Ctrl+Alt+X", "Let the run in view go on to a later step", "forward"),
    ActionSpec(
        "train.fine_tune", "Fin&e-tune the open model…", "", "Set up a run that begins with the open checkpoint",
    ),
    ActionSpec("train.watch", "Wat&ch a run…", "", "Add a run to the list, wherever it is trained", "open"),
    ActionSpec("train.forget", "Remo&ve run from the list", "", "Take the run in view from the list; its files stay"),
    ActionSpec(
        "train.follow", "&Follow the newest checkpoint", "Ctrl+Shift+F5",
        "Show each new checkpoint of the open model's run as soon as it is there", "follow", checkable=True,
        separated=True,
    ),
    ActionSpec("timeline.earlier", "Ea&rlier checkpoint", ",", "Show the checkpoint before this one", separated=True),
    ActionSpec("timeline.later", "&Later checkpoint", ".", "Show the checkpoint after this one"),
    ActionSpec(
        "timeline.pin", "Pi&n stars to the timeline", "Ctrl+Shift+P",
        "Show the selected stars under every checkpoint, or no longer", "pin",
    ),
    ActionSpec(
        "timeline.export_strip", "Export fil&m strip…", "", "Save the pictures under every checkpoint as one PNG",
        "export",
    ),
    ActionSpec("timeline.export_gif", "Export &GIF…", "", "Save the pictures under every checkpoint as a moving GIF"),
    ActionSpec(
        "dataset.open", "&Open pictures…", "Ctrl+Alt+O", "Look through a folder of pictures and keep the good ones",
        "open", separated=True,
    ),
    ActionSpec("dataset.open_file", "Open picture file…", "", "Look through a .zip, an images.npy or a manifest"),
    ActionSpec("dataset.keep", "&Keep picture", "K", "Keep the selected pictures to train on", "check", local=True),
    ActionSpec("dataset.reject", "Re&ject picture", "X", "Leave the selected pictures out", "close", local=True),
    ActionSpec("dataset.undecide", "&Undecide picture", "U", "Take the decision on these back", local=True),
    ActionSpec("dataset.ask", "&Ask me", "", "Show the pictures that would teach the ranking most", "sparkle"),
    ActionSpec("dataset.keep_best", "Keep the &best", "", "Keep the pictures most likely to be wanted"),
    ActionSpec("dataset.reject_rest", "Reject t&he rest", "", "Reject every picture that is still undecided"),
    ActionSpec("dataset.problems", "Sho&w what was left out", "", "List the files that are no usable pictures"),
    ActionSpec("dataset.save_as", "Keep &decisions in…", "", "Choose the file that the decisions are written to"),
    ActionSpec("dataset.train", "Train on these p&ictures…", "", "Set up a training run on the pictures kept", "play"),
    ActionSpec(
        "sensitivity.show", "Show &sensitivity", "S",
        "Measure how much each dimension changes the picture, whenever the latent rests", "pulse", checkable=True,
    ),
    ActionSpec(
        "sensitivity.heat_map", "Heat &map", "Shift+S",
        "Show where the dimension under the pointer, or in focus, changes the picture", checkable=True,
    ),
    ActionSpec(
        "path.add_stars", "Add stars to the &path", "Ctrl+Alt+S", "Add the selected stars to the path as key frames",
        "star", separated=True,
    ),
    ActionSpec(
        "path.add_current", "Add picture to the pat&h", "Ctrl+Alt+P", "Add this picture to the path as a key frame",
        "plus",
    ),
    ActionSpec("path.play", "Pla&y the path", "Space", "Go along the path, or pause", "play", local=True),
    ActionSpec("path.open_latents", "&Open latents as key frames…", "", "Add the rows of a vector file to the path"),
    ActionSpec("path.clear", "Clear the path", "", "Take all key frames out; undo brings them back"),
    ActionSpec("path.export_film", "E&xport path as film…", "", "Save the path as an MP4, a GIF or PNG pictures"),
    ActionSpec("path.export_latents", "Export path as latents…", "", "Save the latent of every picture of the path"),
    ActionSpec("path.arithmetic", "Star &arithmetic", "", "Add stars, and take others away"),
    ActionSpec(
        "direction.find", "Find &directions", "", "Find directions in the network by the method chosen in the panel",
        "search", separated=True,
    ),
    ActionSpec("direction.tag_plus", "Tag stars &+", "", "Tag the selected stars as having the attribute named"),
    ActionSpec("direction.tag_minus", "Tag stars &−", "", "Tag the selected stars as not having the attribute named"),
    ActionSpec("direction.learn", "&Learn from tagged stars", "", "Learn the direction from stars tagged − to +"),
    ActionSpec("direction.rename", "Rename direction", "", "Give the chosen direction another name", "edit"),
    ActionSpec(
        "direction.orthogonalise", "Orthogo&nalise", "",
        "Take from the chosen direction what it shares with the locked ones", "orthogonal",
    ),
    ActionSpec("direction.remove", "Remove direction", "", "Take the chosen one out; undo brings it back", "trash"),
    ActionSpec("direction.open", "Open directions…", "", "Add the directions of a file", "open"),
    ActionSpec("direction.save", "Save directions…", "", "Save all directions to a file, to share them", "export"),
    ActionSpec(
        "critic.best_random", "Random, &best of 16", "Ctrl+B",
        "Draw many pictures at random and go to the one that the critic likes most", "dice", separated=True,
    ),
    ActionSpec(
        "critic.improve", "&Improve by the critic", "Ctrl+Shift+B",
        "Look nearby for a picture that the critic likes more", "sparkle",
    ),
    ActionSpec(
        "projection.choose", "Search for a pic&ture…", "", "Find the latent that draws a picture of yours", "search",
        separated=True,
    ),
    ActionSpec(
        "memorisation.check", "Check for &copies and collapse", "",
        "Draw pictures, and compare them with the training pictures and with each other",
    ),
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
    ActionSpec(
        "view.previews", "Previe&ws", "Ctrl+Shift+M",
        "Rest the pointer on a slider, a star or a neighbour to see pictures before going there", checkable=True,
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
    ActionSpec("help.shortcuts", "&Keyboard and mouse", "F1", "Show every shortcut, and what the mouse does", "info"),
    ActionSpec("help.hints", "Show &hints again", "", "Show the hints for the first minute once more", "hint"),
    ActionSpec(
        "help.report", "&Report a problem…", "Shift+F1", "Collect what somebody needs to know who wants to help",
        "warning", separated=True,
    ),
    ActionSpec("help.about", "&About Latent Debugger", "Ctrl+F1", "Show version and licence"),
)  # fmt: skip

DOCK_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("view.latents", "La&tents", "Ctrl+1", "Show or hide the latents", checkable=True, separated=True),
    ActionSpec("view.neighbours", "&Neighbours", "Ctrl+2", "Show or hide the neighbours", checkable=True),
    ActionSpec("view.bookmarks", "&Stars", "Ctrl+3", "Show or hide the stars", checkable=True),
    ActionSpec("view.training", "Trainin&g", "Ctrl+4", "Show or hide the training runs", checkable=True),
    ActionSpec("view.timeline", "Timel&ine", "Ctrl+5", "Show or hide the checkpoints of a run", checkable=True),
    ActionSpec("view.dataset", "Datas&et", "Ctrl+6", "Show or hide the training pictures", checkable=True),
    ActionSpec("view.directions", "Dire&ctions", "Ctrl+7", "Show or hide directions as sliders", checkable=True),
    ActionSpec("view.critic", "Critic’s &view", "Ctrl+8", "Show or hide what the critic thinks", checkable=True),
    ActionSpec("view.paths", "Pat&hs", "Ctrl+9", "Show or hide paths through stars", checkable=True),
    ActionSpec("view.projection", "Pro&jection", "Ctrl+0", "Show or hide the search for a picture", checkable=True),
    ActionSpec(
        "view.memorisation", "Copy chec&k", "Ctrl+-", "Show or hide the nearest training pictures", checkable=True
    ),
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
