"""Somebody who does anything, anywhere in the window, by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QPushButton,
    QSlider,
    QWidget,
)
from shiboken6 import isValid

from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.star_edit import StarEdit
from latent_debugger.state.star_query import StarQuery
from latent_debugger.views.dialog import Dialog
from latent_debugger.views.main_window import MainWindow
from latent_debugger.wiring import Wiring

from .workshop import WORK_WEIGHTS, Workshop
from .world import DIM, World

MAX_STARS = 60
"""More are deleted again: what grows by design would hide what leaks."""
ANSWER_MS = 50

Do = Callable[[], str]


class Monkey(Workshop):
    """One action at a time through real widgets, actions and dialogs; the same ones for the same seed.

    Every method that starts with ``do_`` is an action and answers with what it did; WEIGHTS says how often it comes.
    """

    def __init__(self, window: MainWindow, wiring: Wiring, world: World, seed: int) -> None:
        self.window, self.wiring, self.world = window, wiring, world
        self.session = wiring.session
        self.random = random.Random(seed)
        self._actions: list[Do] = [getattr(self, f"do_{name}") for name in WEIGHTS]
        self._files = 0

    def act(self) -> str:
        """Do the next thing."""
        (action,) = self.random.choices(self._actions, list(WEIGHTS.values()))
        return f"{action.__name__.removeprefix('do_')} {action()}".rstrip()

    def settle(self) -> None:
        """Wait until nothing is on its way any more, and everything is painted."""
        for _ in range(3):
            QCoreApplication.processEvents()
            assert self.wiring.wait_idle(60), "the services never came to rest"
            QCoreApplication.processEvents()

    def warm_up(self) -> None:
        """Let what is loaded at first use be there: it is no leak."""
        self.settle()
        for name in ("view.model_info", "help.report", "bookmark.add", "edit.preferences"):
            self.trigger(name)
            self.settle()
        for name in self.window.docks:
            self.window.show_panel(name)
            self.settle()
        self.warm_up_work()
        self.rest()

    def rest(self) -> None:
        """Close whatever lies over the window, and put it in order: so it is comparable with itself later."""
        self._close_popups()
        for dialog in self.window.findChildren(QDialog):
            dialog.close()
        for name in ("latent.find", "bookmarks.search"):
            self.window.findChild(QWidget, name).clear()
        self.window.bookmarks.filter.set_query(StarQuery())
        self.session.arrangement.set_faders(False)
        self.window.reset_layout()
        self.window.messages.clear()
        self.window.resize(1200, 800)
        self.open(self.world.models[0])
        self.settle()

    # helpers

    def trigger(self, name: str) -> str:
        """An action, if it is enabled."""
        action: QAction = self.window.action_map[name]
        if action.isEnabled():
            action.trigger()
            return name
        return f"{name} (off)"

    def open(self, path: object) -> None:
        """What Open and a chosen recent file come to."""
        self.window.recent_chosen.emit(path)

    def _dim(self) -> int:
        return self.random.randrange(self.session.latent.dim)

    def _slider(self) -> tuple[int, QSlider]:
        dim = self._dim()
        return dim, self.window.latents.list.rows[dim].slider

    def _stars(self) -> tuple[Bookmark, ...]:
        return self.session.library.bookmarks()

    def _star(self) -> Bookmark | None:
        return self.random.choice(self._stars()) if self._stars() else None

    def _select_stars(self) -> int:
        shown = self.window.bookmarks.model.items()
        n = min(len(shown), self.random.choice((1, 1, 1, 2, 3)))
        self.window.bookmarks.select(tuple(item.id for item in self.random.sample(list(shown), n)))
        return n

    def _choose(self, dialog_name: str, path: object) -> str:
        """Choose a file in the dialog that is open, or leave it."""
        for dialog in self.window.findChildren(QFileDialog, dialog_name):
            if self.random.random() < 0.8:
                dialog.fileSelected.emit(str(path))
                dialog.close()
                return f"-> {path.name}"  # type: ignore[attr-defined]
            dialog.reject()
            return "-> cancel"
        return "-> no dialog"

    def _new_path(self, suffix: str) -> object:
        self._files = (self._files + 1) % 5  # some exist already, and are written over
        return self.world.folder / "out" / f"{self._files}{suffix}"

    def _close_popups(self) -> None:
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        if self.window.findChild(QWidget, "palette").isVisible():
            self.window.findChild(QWidget, "palette").hide()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Leave whatever opens and waits for an answer: a key that opens a menu, or Return in Qt's own file dialog
        (there is no such file; it is there already), comes back only when somebody has chosen."""

        def leave() -> None:
            box = QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if box is not None and not isinstance(box, QFileDialog):
                box.close()

        timer = QTimer()
        timer.setInterval(ANSWER_MS)
        timer.timeout.connect(leave)
        timer.start()
        try:
            yield
        finally:
            timer.stop()

    def _type(self, field: QWidget, text: str) -> None:
        """ASCII only: QTest aborts at anything else."""
        field.clear()
        QTest.keyClicks(field, text)
        if isValid(field) and field.isVisible():  # an editor closes when its window loses the focus
            QTest.keyClick(field, Qt.Key.Key_Return)

    # latent

    def do_drag(self) -> str:
        dim, slider = self._slider()
        if not slider.isVisible():
            slider.setValue(self.random.randint(slider.minimum(), slider.maximum()))
            return f"{dim} (unseen)"
        width, height = slider.width(), slider.height()
        at = QPoint(width // 2, height // 2)
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=at)
        for _ in range(self.random.randint(1, 6)):
            at = QPoint(self.random.randrange(width), self.random.randrange(height))
            QTest.mouseMove(slider, at)
            slider.setSliderPosition(self.random.randint(slider.minimum(), slider.maximum()))
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at)
        return str(dim)

    def do_keys(self) -> str:
        dim, slider = self._slider()
        keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_Up, Qt.Key.Key_Down)
        for _ in range(self.random.randint(1, 4)):
            QTest.keyClick(slider, self.random.choice(keys))
        return str(dim)

    def do_number(self) -> str:
        dim = self._dim()
        text = self.random.choice(("0.5", "-1.25", "7", "1e-20", "nan", "abc", "1e39", "-0", "0.1"))
        self._type(self.window.latents.list.rows[dim].number, text)
        return f"{dim} {text}"

    def do_double_click(self) -> str:
        dim, slider = self._slider()
        QTest.mouseDClick(slider, Qt.MouseButton.LeftButton)
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton)  # or the window would believe that it is held
        return str(dim)

    def do_lock(self) -> str:
        dim = self._dim()
        self.window.latents.list.rows[dim].lock.click()
        return str(dim)

    def do_mark(self) -> str:
        dim = self._dim()
        self.window.latents.list.rows[dim].take_focus()
        return f"{dim} {self.trigger(self.random.choice(('latent.lock', 'latent.pin', 'latent.hide')))}"

    def do_latent(self) -> str:
        choices = ("random", "random", "random", "random_near", "random_near", "zero", "lock_all", "unlock_all")
        return self.trigger("latent." + self.random.choice(choices))

    def do_seed(self) -> str:
        text = self.random.choice(("1", "42", str(2**32 - 1), str(2**33), ""))
        self._type(self.window.latents.seed_field, text)
        return text

    def do_find(self) -> str:
        text = self.random.choice(("1", "z 3", "999", ""))
        self.window.latents.find_field.setText(text)
        return text

    def do_rows(self) -> str:
        what = self.random.choice(("faders", "range", "show_all", "unpin_all", "menu"))
        panel = self.window.latents
        if what == "faders":
            return self.trigger("view.fader_bank")
        if what == "range":
            panel.range_field.setValue(self.random.choice((1.0, 3.0, 5.0)))
        elif what == "menu":
            panel.list.menu_requested.emit(self._dim(), panel.mapToGlobal(QPoint(5, 5)))
            self._close_popups()
        else:
            getattr(panel.arrange, what).trigger()
        return what

    def do_undo(self) -> str:
        return " ".join(self.trigger("edit.undo") for _ in range(self.random.choice((1, 1, 2, 5))))

    def do_redo(self) -> str:
        return " ".join(self.trigger("edit.redo") for _ in range(self.random.choice((1, 1, 2, 5))))

    def do_rush(self) -> str:
        """Many things in one breath, with no time for any of them to be answered."""
        done = []
        for _ in range(self.random.randint(3, 10)):
            things = ("latent.random", "bookmark.add", "neighbours.sample", "edit.undo", "edit.redo", "file.reload")
            done.append(self.trigger(self.random.choice(things)))
            if self.random.random() < 0.15:
                path = self.random.choice((*self.world.models, *self.world.bad))
                self.open(path)
                done.append(path.name)
        return " ".join(done)

    # stars

    def do_star(self) -> str:
        if len(self._stars()) >= MAX_STARS:
            gone = [item.id for item in self._stars()[: MAX_STARS // 2]]
            self.window.bookmarks.delete_requested.emit(tuple(gone))
            return f"(delete {len(gone)})"
        if self.random.random() < 0.5:
            return self.trigger("bookmark.add")
        self.window.canvas.star_clicked.emit()
        return "canvas"

    def do_recall(self) -> str:
        star = self._star()
        if star is None:
            return "-"
        self.window.bookmarks.recall_requested.emit(star.id)
        return star.name

    def do_select(self) -> str:
        return str(self._select_stars())

    def do_rename(self) -> str:
        if self._select_stars() != 1:
            return "-"
        name = self.random.choice(("Zoe", "x" * 200, "  ", "a & b", "<b>bold</b>"))
        if self.random.random() < 0.5:
            self.window.bookmarks.rename_requested.emit(self.window.bookmarks.selected()[0], name)
            return "asked"
        self.trigger("bookmark.rename")
        editor = self.window.bookmarks.list.viewport().findChild(QWidget)
        if editor is None:
            return "no editor"
        self._type(editor, name[:20])
        return "typed"

    def do_edit_star(self) -> str:
        if not self._select_stars():
            return "-"
        edit = self.random.choice(
            (StarEdit(rating=self.random.randint(0, 5)), StarEdit(add_tags=("night",)), StarEdit(note="a\nb"))
        )
        self.window.bookmarks.edit_requested.emit(self.window.bookmarks.selected(), edit)
        inspector = self.window.bookmarks.inspector
        if self.random.random() < 0.5:
            self._type(inspector.tags, self.random.choice(("red, blue", "red", "", ",,")))
        return str(edit.text)

    def do_move_star(self) -> str:
        self._select_stars()
        return self.trigger(self.random.choice(("bookmark.move_earlier", "bookmark.move_later")))

    def do_delete(self) -> str:
        self._select_stars()
        return self.trigger("bookmark.delete")

    def do_star_query(self) -> str:
        panel = self.window.bookmarks
        text = self.random.choice(("", "", "star", "red", "nothing has this"))
        order = self.random.choice(("manual", "manual", panel.filter.query().order))
        panel.filter.set_query(StarQuery(text=text, order=order, own_model=self.random.random() < 0.2))
        return text

    def do_star_menu(self) -> str:
        view = self.window.bookmarks.list
        view.customContextMenuRequested.emit(view.visualRect(view.model().index(0, 0)).center())
        for button in (self.window.bookmarks.filter.filter, self.window.bookmarks.filter.sort):
            button.menu().aboutToShow.emit()
        self._close_popups()
        return ""

    def do_duplicates(self) -> str:
        return self.trigger("bookmark.find_duplicates")

    # neighbours

    def do_sample(self) -> str:
        return self.trigger(self.random.choice(("neighbours.sample", "neighbours.back", "neighbours.forward")))

    def do_neighbour(self) -> str:
        panel = self.window.neighbours
        rows = panel.model.rowCount()
        if not rows:
            return "-"
        row = self.random.randrange(rows)
        index: QModelIndex = panel.model.index(row)
        if self.random.random() < 0.6 or len(self._stars()) >= MAX_STARS:
            panel.list.clicked.emit(index)
            return f"go {row}"
        panel.list.star_clicked.emit(index)
        return f"star {row}"

    def do_neighbour_settings(self) -> str:
        panel = self.window.neighbours
        what = self.random.choice(("sigma", "slider", "count", "source", "mode", "only_pinned"))
        if what == "sigma":
            panel.sigma.setValue(self.random.uniform(0, 2))
        elif what == "slider":
            panel.sigma_slider.setValue(self.random.randint(0, panel.sigma_slider.maximum()))
        elif what == "count":
            panel.count.setValue(self.random.choice((4, 6, 9, 16, 25)))
        elif what == "only_pinned":
            panel.only_pinned.toggle()
        else:
            box: QComboBox = getattr(panel, what)
            box.setCurrentIndex(self.random.randrange(box.count()))
        return what

    # files

    def do_open(self) -> str:
        path = self.random.choice((*self.world.models[:3], *self.world.models))
        if self.random.random() < 0.5:
            self.trigger("file.open")
            return self._choose("dialog.open", path)
        self.open(path)
        return path.name

    def do_open_bad(self) -> str:
        path = self.random.choice(self.world.bad)
        self.open(path)
        return path.name

    def do_reload(self) -> str:
        return self.trigger("file.reload")

    def do_drop(self) -> str:
        world = self.world
        path = self.random.choice((*world.models[:2], *world.bad, *world.pictures, *world.pictures))
        self.window.file_dropped.emit(path)
        return path.name

    def do_export(self) -> str:
        if self.random.random() < 0.5:
            self._select_stars()
        self.trigger("bookmark.export")
        return self._choose("dialog.export", self._new_path(self.random.choice((".npy", ".npz"))))

    def do_import(self) -> str:
        self.trigger("bookmark.import")
        return self._choose("dialog.import", self.random.choice((*self.world.vectors, *self.world.bad)))

    def do_save_picture(self) -> str:
        self.trigger("file.save_picture")
        return self._choose("dialog.save_picture", self._new_path(".png"))

    def do_contact_sheet(self) -> str:
        self.trigger("bookmark.contact_sheet")
        return self._choose("dialog.contact_sheet", self._new_path(".png"))

    # the window

    def do_panel(self) -> str:
        name = self.random.choice(tuple(self.window.docks))
        dock = self.window.docks[name]
        what = self.random.choice(("toggle", "float", "close", "raise"))
        if what == "toggle":
            dock.toggle.trigger()
        elif what == "float":
            dock.setFloating(not dock.isFloating())
        elif what == "close":
            dock.close()
        else:
            dock.show()
            dock.raise_()
        return f"{name} {what}"

    def do_layout(self) -> str:
        what = self.random.choice(("view.reset_layout", "view.next_panel", "view.previous_panel", "restore"))
        if what == "restore":
            assert self.window.restore_layout(self.window.save_layout())
            return what
        return self.trigger(what)

    def do_theme(self) -> str:
        return self.trigger("view." + self.random.choice(("theme_light", "theme_dark", "theme_system", "smooth")))

    def do_resize(self) -> str:
        size = self.random.randint(500, 1600), self.random.randint(400, 1000)
        self.window.resize(*size)
        return f"{size[0]} x {size[1]}"

    def do_hint(self) -> str:
        if self.random.random() < 0.3:
            return self.trigger("help.hints")
        self.window.hints.dismissed.emit()
        return "close"

    def do_copy(self) -> str:
        return self.trigger("edit.copy_picture")

    def do_palette(self) -> str:
        self.trigger("help.palette")
        field = self.window.findChild(QWidget, "palette.field")
        query = self.random.choice(("rand", "sampl", "qqqq", "th", ""))
        key = Qt.Key.Key_Escape if query in ("th", "") else Qt.Key.Key_Return
        QTest.keyClicks(field, query)
        QTest.keyClick(field, key)
        return query

    def do_preferences(self) -> str:
        self.trigger("edit.preferences")
        for dialog in self.window.findChildren(Dialog, "dialog.preferences"):
            field = self.random.choice(dialog.findChildren(QDoubleSpinBox))
            field.stepBy(self.random.choice((-1, 1)))
            if self.random.random() < 0.7:
                dialog.close()
        return ""

    def do_dialog(self) -> str:
        names = ("help.shortcuts", "help.about", "help.report", "view.model_info", "file.open", "bookmark.import")
        done = self.trigger(self.random.choice(names))
        if self.random.random() < 0.5:
            self.settle()  # else it closes before its answer arrives
        dialogs = [dialog for dialog in self.window.findChildren(QDialog) if dialog.isVisible()]
        if dialogs and self.random.random() < 0.9:
            for dialog in dialogs:
                QTest.keyClick(dialog, Qt.Key.Key_Escape)
        return done

    def do_stray_keys(self) -> str:
        target = QApplication.focusWidget() or self.window
        if isinstance(target, QPushButton) and self.window.training.isAncestorOf(target):
            target = self.window.canvas  # Space would draw thousands of persons, or train on them
        text = "".join(self.random.choices("rznlpb123 ", k=self.random.randint(1, 4)))
        key = self.random.choice((Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Return))
        with self._answering():
            QTest.keyClicks(target, text)
            if isValid(target):
                QTest.keyClick(target, key)
        return repr(text)


WEIGHTS = {
    "drag": 12, "keys": 4, "number": 5, "double_click": 1, "lock": 4, "mark": 4, "latent": 8, "seed": 3, "find": 2,
    "rows": 2, "undo": 7, "redo": 5, "rush": 2, "star": 7, "recall": 4, "select": 2, "rename": 2, "edit_star": 3,
    "move_star": 2, "delete": 2, "star_query": 2, "star_menu": 1, "duplicates": 1, "sample": 5, "neighbour": 5,
    "neighbour_settings": 5, "open": 3, "open_bad": 2, "reload": 1, "drop": 2, "export": 1, "import": 2,
    "save_picture": 1, "contact_sheet": 1, "panel": 3, "layout": 1, "theme": 1, "resize": 2, "copy": 1, "hint": 1,
    "palette": 2, "preferences": 1, "dialog": 2, "stray_keys": 2, **WORK_WEIGHTS,
}  # fmt: skip
"""How often each action comes, relative to the others."""

__all__ = ["DIM", "MAX_STARS", "Monkey"]
