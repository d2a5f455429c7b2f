"""The shell: places, menus, shortcuts, themes, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QUndoCommand
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from latent_debugger.state.model import OpenModel
from latent_debugger.state.session import Session
from latent_debugger.views import theme
from latent_debugger.views.main_window import SIZE, MainWindow
from latent_debugger.views.window_layout import BOOKMARKS_WIDTH, LATENTS_WIDTH

MODEL = OpenModel(
    path=Path("people64.safetensors"), name="people64", dim=12, space="z", image_size=64, channels=3, step=20000,
    run=None, sha256="0" * 64, device="cpu", objective="wgan-gp",
)  # fmt: skip


@pytest.fixture
def session(qapp: QApplication) -> Session:
    return Session()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, session: Session) -> Iterator[MainWindow]:
    main = MainWindow(session)
    main.set_theme("dark")
    qtbot.addWidget(main)
    main.show()
    qtbot.waitExposed(main)
    session.set_model(MODEL)
    yield main
    theme.apply(qapp, "dark")


def test_everything_has_its_place(window: MainWindow) -> None:
    assert (window.width(), window.height()) == SIZE
    docks = window.docks
    assert docks["latents"].width() == LATENTS_WIDTH
    assert docks["bookmarks"].width() == BOOKMARKS_WIDTH
    canvas = window.centralWidget().geometry()
    under = docks["neighbours"].geometry()
    assert under.top() > canvas.bottom()
    assert (under.left(), under.right()) == (canvas.left(), canvas.right())
    assert docks["latents"].geometry().bottom() == docks["bookmarks"].geometry().bottom() == under.bottom()
    assert canvas.height() > 2 * under.height()


@pytest.mark.parametrize(
    "name",
    ["imageCanvas", "messageBar", "latentPanel", "neighbourPanel", "bookmarkPanel", "bookmarkList", "neighbourList",
     "dock.latents", "dock.neighbours", "dock.bookmarks", "statusBar"],
)  # fmt: skip
def test_handles_for_tests_and_assistive_technology(window: MainWindow, name: str) -> None:
    widgets = window.findChildren(QWidget, name)
    assert len(widgets) == 1
    assert widgets[0].accessibleName()


def test_every_action_is_in_exactly_one_menu(window: MainWindow) -> None:
    listed = [
        entry.objectName()
        for top in window.menuBar().actions()
        for entry in top.menu().actions()
        if not entry.isSeparator() and not entry.menu()
    ]
    assert sorted(listed) == sorted(window.action_map)


def test_panels_close_and_come_back(window: MainWindow, qtbot: QtBot) -> None:
    toggle, dock = window.action_map["view.latents"], window.docks["latents"]
    assert toggle.isChecked()
    toggle.trigger()
    assert not dock.isVisible()
    toggle.trigger()
    assert dock.isVisible()
    qtbot.mouseClick(dock.findChild(QWidget, "dock.latents.float"), Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    qtbot.mouseClick(dock.findChild(QWidget, "dock.latents.close"), Qt.MouseButton.LeftButton)
    assert not toggle.isChecked()
    window.action_map["view.reset_layout"].trigger()
    assert dock.isVisible()
    assert not dock.isFloating()


def test_a_panel_behind_another_comes_to_the_front_instead_of_closing(window: MainWindow, qtbot: QtBot) -> None:
    toggle, training = window.action_map["view.training"], window.docks["training"]
    window.show_panel("training")
    window.show_panel("timeline")
    qtbot.waitUntil(lambda: window.docks["timeline"].visibleRegion().contains(window.docks["timeline"].rect().center()))
    assert training.visibleRegion().isEmpty()
    toggle.trigger()
    qtbot.waitUntil(lambda: not training.visibleRegion().isEmpty())
    assert toggle.isChecked()
    toggle.trigger()
    assert training.isHidden() and not toggle.isChecked()


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
def test_tab_does_not_go_behind_another_panel(window: MainWindow, qtbot: QtBot, key: Qt.Key) -> None:
    for name in ("dataset", "training", "timeline"):
        window.show_panel(name)
    behind = [window.docks[name] for name in ("dataset", "training")]
    qtbot.waitUntil(lambda: all(dock.visibleRegion().isEmpty() for dock in behind))
    window.activateWindow()
    first = window.docks["timeline"].findChild(QWidget, "dock.timeline.close")
    first.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is first)
    met = []
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget(), key)
        met.append(QApplication.focusWidget())
    assert len(set(met)) > 20, "no dead end"
    assert not [widget for widget in met for dock in behind if dock.isAncestorOf(widget)]


def test_what_is_no_longer_true_is_taken_back(window: MainWindow) -> None:
    messages = window.messages
    messages.show_notice("cats is done: 300 steps.")
    messages.show_notice("dogs is done: 300 steps.")
    messages.take_back("cats is done: 300 steps.")
    assert messages.text() == "dogs is done: 300 steps."
    messages.take_back("cats is done: 300 steps.")
    messages.take_back("dogs is done: 300 steps.")
    assert messages.text() == "" and messages.isHidden()


def test_a_message_does_not_move_the_picture(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.set_frame(np.zeros((64, 64, 3), np.uint8), 1)
    before = window.canvas.geometry(), window.canvas.picture_rect()
    window.messages.show_error("A long sentence about what is wrong. " * 10)
    qtbot.waitUntil(lambda: window.messages.height() > 60)
    assert (window.canvas.geometry(), window.canvas.picture_rect()) == before
    assert window.messages.geometry().bottom() < window.canvas.geometry().center().y()


def test_the_layout_is_remembered(window: MainWindow, qtbot: QtBot, session: Session) -> None:
    window.docks["bookmarks"].close()
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.docks["latents"])
    kept = window.save_layout()
    other = MainWindow(session)
    qtbot.addWidget(other)
    assert other.restore_layout(kept)
    other.show()
    assert not other.docks["bookmarks"].isVisible()
    assert other.dockWidgetArea(other.docks["latents"]) == Qt.DockWidgetArea.RightDockWidgetArea


@pytest.mark.parametrize("damaged", [b"", b"nonsense", bytes(64)])
def test_a_damaged_layout_changes_nothing(window: MainWindow, damaged: bytes) -> None:
    assert not window.restore_layout(damaged)
    shown = {name for name, dock in window.docks.items() if dock.isVisible()}
    assert shown == {"latents", "neighbours", "bookmarks"}


@pytest.mark.parametrize(
    ("key", "name"),
    [(Qt.Key.Key_R, "latent.random"), (Qt.Key.Key_Z, "latent.zero"), (Qt.Key.Key_N, "neighbours.sample")],
)
def test_a_single_letter_works_everywhere_but_in_text(window: MainWindow, qtbot: QtBot, key: Qt.Key, name: str) -> None:
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(window.canvas.hasFocus)
    with qtbot.waitSignal(window.action_map[name].triggered):
        qtbot.keyClick(window.canvas, key)
    fields = [field for field in window.findChildren(QLineEdit) if field.isVisible() and field.isEnabled()]
    assert fields
    for field in fields:
        field.setFocus()
        with qtbot.assertNotEmitted(window.action_map[name].triggered):
            qtbot.keyClick(field, key)
    spin = QSpinBox(window.centralWidget())
    spin.show()
    spin.setFocus()
    with qtbot.assertNotEmitted(window.action_map[name].triggered):
        qtbot.keyClick(spin, key)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_F2])
def test_the_keys_of_the_list_of_bookmarks_are_left_alone_elsewhere(
    window: MainWindow, qtbot: QtBot, key: Qt.Key
) -> None:
    for name in ("bookmark.recall", "bookmark.delete", "bookmark.rename"):
        window.action_map[name].setEnabled(True)
        window.action_map[name].triggered.connect(lambda: pytest.fail("taken"))
    for widget in (
        window.canvas,
        window.findChild(QLineEdit, "latent.find"),
        window.findChild(QWidget, "bookmarkList"),
    ):
        widget.setFocus()
        qtbot.keyClick(widget, key)


def test_actions_on_bookmarks_follow_the_selection(window: MainWindow) -> None:
    def enabled() -> list[bool]:
        verbs = ("recall", "rename", "delete", "move_earlier", "move_later")
        return [window.action_map[f"bookmark.{verb}"].isEnabled() for verb in verbs]

    assert enabled() == [False, False, False, False, False]
    window.bookmarks.selection_changed.emit(("a",))
    assert enabled() == [True, True, True, True, True]
    window.bookmarks.selection_changed.emit(("a", "b"))
    assert enabled() == [False, False, True, True, True]


def test_find_and_seed_put_the_cursor_there(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["latents"].close()
    for name in ("latent.find", "latent.seed"):
        window.action_map[name].trigger()
        focused = window.focusWidget()
        field = window.findChild(QWidget, name)
        assert focused is field or field.isAncestorOf(focused)
        assert window.docks["latents"].isVisible()


def test_the_theme_menu(window: MainWindow, qtbot: QtBot, qapp: QApplication) -> None:
    copy = window.action_map["edit.copy_picture"]
    before = copy.icon().pixmap(24, 24).toImage()
    with qtbot.waitSignal(window.theme_chosen) as chosen:
        window.action_map["view.theme_light"].trigger()
    assert chosen.args == ["light"]
    assert theme.current() is theme.LIGHT
    assert not window.action_map["view.theme_dark"].isChecked()
    assert copy.icon().pixmap(24, 24).toImage() != before
    with qtbot.assertNotEmitted(window.theme_chosen):
        window.set_theme("system")
    assert window.action_map["view.theme_system"].isChecked()


def test_smoothing_reaches_the_canvas(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.set_frame(np.zeros((60, 60, 3), np.uint8), 1)
    nearest = window.canvas.picture_rect()
    with qtbot.waitSignal(window.smooth_chosen) as chosen:
        window.action_map["view.smooth"].trigger()
    assert chosen.args == [True]
    assert window.canvas.picture_rect().width() >= nearest.width()
    with qtbot.assertNotEmitted(window.smooth_chosen):
        window.set_smooth(False)
    assert window.canvas.picture_rect() == nearest


def test_without_a_model_its_actions_rest(window: MainWindow, session: Session) -> None:
    assert window.windowTitle() == "people64 — Latent Debugger"
    assert window.action_map["latent.random"].isEnabled()
    session.set_model(None)
    assert window.windowTitle() == "Latent Debugger"
    assert not window.action_map["latent.random"].isEnabled()
    assert window.action_map["file.open"].isEnabled()
    assert window.status.text() == "No model"


def test_undo_says_what_it_takes_back(window: MainWindow, session: Session) -> None:
    undo, redo = window.action_map["edit.undo"], window.action_map["edit.redo"]
    assert not undo.isEnabled()
    session.undo.push(QUndoCommand("go to Salt & Pepper"))
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("&Undo go to Salt && Pepper", True, False)
    session.undo.undo()
    assert (undo.text(), undo.isEnabled()) == ("&Undo", False)
    assert (redo.text(), redo.isEnabled()) == ("&Redo go to Salt && Pepper", True)


def test_recent_files(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    menu = window.findChild(QMenu, "file.recent")
    assert not menu.isEnabled()
    window.set_recent([str(tmp_path / "a.safetensors"), str(tmp_path / "b.safetensors")])
    assert [entry.text() for entry in menu.actions()] == ["a.safetensors", "b.safetensors"]
    with qtbot.waitSignal(window.recent_chosen) as chosen:
        menu.actions()[1].trigger()
    assert chosen.args == [tmp_path / "b.safetensors"]


def test_a_file_can_be_dropped_anywhere(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "run"))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    for target in (window, window.canvas):
        with qtbot.waitSignal(window.file_dropped) as dropped:
            target.dropEvent(event)
        assert dropped.args == [tmp_path / "run"]


@pytest.mark.parametrize("name", ["help.shortcuts", "help.about"])
def test_help_opens_and_closes(window: MainWindow, qtbot: QtBot, name: str) -> None:
    window.action_map[name].trigger()
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)


def test_closing_is_announced_before_it_happens(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closing):
        window.action_map["file.quit"].trigger()
    assert not window.isVisible()


def test_escape_empties_a_search_and_then_leaves_it(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitActive(window)
    for field in (window.latents.find_field, window.bookmarks.search):
        field.setFocus()
        QTest.keyClicks(field, "nr")
        QTest.keyClick(field, Qt.Key.Key_Escape)
        assert field.text() == "" and field.hasFocus()
        QTest.keyClick(field, Qt.Key.Key_Escape)
        assert window.canvas.hasFocus(), "letters typed now are commands"
    window.latents.seed_field.set_seed(12)
    window.latents.seed_field.setFocus()
    QTest.keyClick(window.latents.seed_field, Qt.Key.Key_Escape)
    assert window.canvas.hasFocus() and window.latents.seed_field.seed() == 12


def test_detaching_a_panel_leaves_the_focus_in_it(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitActive(window)
    dock = window.docks["neighbours"]
    button = dock.findChild(QToolButton, f"{dock.objectName()}.float")
    assert button is not None
    window.neighbours.sigma_slider.setFocus()
    for floating in (True, False):
        button.click()
        assert dock.isFloating() is floating
        qtbot.waitUntil(window.neighbours.sigma_slider.hasFocus)


def test_a_work_panel_opens_as_a_wide_tab_and_goes_again(window: MainWindow) -> None:
    toggle, dock = window.action_map["view.training"], window.docks["training"]
    assert not dock.isVisible() and dock.width() < window.width()
    toggle.trigger()
    QApplication.processEvents()
    assert dock.isVisible() and dock.width() == window.width()
    assert window.tabifiedDockWidgets(dock) == [window.docks["neighbours"]]
    kept = window.save_layout()
    toggle.trigger()
    QApplication.processEvents()
    assert not dock.isVisible() and window.docks["neighbours"].width() < window.width()
    assert window.restore_layout(kept)
    QApplication.processEvents()
    assert dock.isVisible() and dock.width() == window.width()
    window.reset_layout()
    assert not dock.isVisible()
