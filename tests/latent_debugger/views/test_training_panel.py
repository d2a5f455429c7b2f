from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QSplitter, QToolButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from latent_debugger.state.runs import RunEntry, RunList
from latent_debugger.views import motion, theme
from latent_debugger.views.actions import build_actions
from latent_debugger.views.status_bar import StatusBar
from latent_debugger.views.training_close import CloseQuestion, question
from latent_debugger.views.training_extend import ExtendQuestion, adds
from latent_debugger.views.training_panel import TrainingPanel
from latent_debugger.views.training_preview import TrainingPreview
from latent_debugger.views.training_run import run_text
from latent_debugger.views.training_runs import RunListModel, colour_of, told_apart
from latent_debugger.views.training_status import TrainingStatus, status_text

RUN = RunEntry(Path("/runs/people"), "uuid", "running", "alive", 1200, 20_000)
DONE = RunEntry(Path("/runs/cats"), "uuid2", "done", "ended", 500, 500)
LOG = {"step": np.arange(1100.0, 1201.0), "time": np.arange(0, 50.5, 0.5), "images_per_second": np.full(101, 83.2)}


@pytest.fixture
def runs() -> RunList:
    return RunList()


@pytest.fixture
def panel(runs: RunList, qtbot: QtBot, qapp: QApplication) -> TrainingPanel:
    theme.apply(qapp, "dark")
    owner = QObject(qapp)
    made = TrainingPanel(runs, build_actions(owner))
    qtbot.addWidget(made)
    made.resize(1100, 320)
    return made


def show(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.show()
    qtbot.waitExposed(panel)


def test_it_is_built_when_it_is_first_shown(panel: TrainingPanel, qtbot: QtBot) -> None:
    built: list[bool] = []
    panel.built.connect(lambda: built.append(True))
    assert panel.objectName() == "trainingPanel" and not panel.children() and panel.page == "empty"
    show(panel, qtbot)
    panel.hide()
    show(panel, qtbot)
    assert built == [True] and panel.page == "empty"


def test_the_empty_state_says_what_to_do_and_does_it(panel: TrainingPanel, qtbot: QtBot) -> None:
    show(panel, qtbot)
    asked: list[str] = []
    for name in ("train.start", "train.watch"):
        panel._actions[name].triggered.connect(lambda _=False, name=name: asked.append(name))
        panel.findChild(QPushButton, f"training.empty.{name}").click()
        panel.findChild(QToolButton, f"training.head.{name}").click()
    assert asked == ["train.start"] * 2 + ["train.watch"] * 2


def test_tab_goes_from_the_list_to_the_page(panel: TrainingPanel, qtbot: QtBot) -> None:
    show(panel, qtbot)
    panel.activateWindow()
    panel.show_run(RUN, LOG)
    QApplication.processEvents()
    first = widget = panel.findChild(QToolButton, "training.head.train.start")
    names = []
    for _ in range(1000):
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            names.append(widget.objectName() or type(widget).__name__)
        widget = widget.nextInFocusChain()
        if widget is first:
            break
    assert names[:3] == ["training.head.train.start", "training.head.train.watch", "training.runs"]
    assert names[3] == "training.train.pause" and "training.preview" in names[4:]


def test_runs_of_one_name_are_told_apart_by_their_folders(runs: RunList) -> None:
    paths = [Path(text) for text in ("/home/runs/faces", "/server/runs/faces", "/home/runs/cats")]
    assert told_apart(paths) == ["faces · home", "faces · server", "cats"]
    turned = [Path("/a/b/faces"), Path("/b/a/faces")]
    assert told_apart(turned) == [f"faces · {path.parent}" for path in turned]
    model = RunListModel(runs)
    runs.set(tuple(RunEntry(path) for path in paths[1:]))
    assert model.index(0).data() == "faces"
    runs.set(tuple(RunEntry(path) for path in paths))
    assert [model.index(row).data() for row in range(3)] == told_apart(paths)
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole).startswith("faces · server, ")


def test_the_list_follows_the_runs(runs: RunList, qtbot: QtBot) -> None:
    model = RunListModel(runs)
    tester = ModelTester(model)
    for entries in ((RUN,), (RUN, DONE), (DONE, RUN), (DONE,), ()):
        runs.set(entries)
        assert [model.index(row).data() for row in range(model.rowCount())] == [entry.name for entry in entries]
    runs.set((RUN,))
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "people, running · 1,200 of 20,000"
    tester._cleanup()


def test_a_click_chooses_a_run_also_the_one_behind_the_form(panel: TrainingPanel, runs: RunList, qtbot: QtBot) -> None:
    show(panel, qtbot)
    runs.set((RUN, DONE))
    chosen: list[Path] = []
    panel.chosen.connect(chosen.append)
    panel.show_run(RUN, {})
    assert chosen == [] and panel.list.currentIndex().row() == 0
    panel.show_form()
    assert panel.page == "form" and not panel.list.currentIndex().isValid()
    place = panel.list.visualRect(panel.list.model().index(1, 0)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen[-1] == DONE.path
    removed: list[Path] = []
    panel.list.remove_requested.connect(removed.append)
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert removed == [DONE.path]


def test_the_marked_run_stays_marked_when_others_come(panel: TrainingPanel, runs: RunList, qtbot: QtBot) -> None:
    show(panel, qtbot)
    panel.show_run(DONE, {})  # before the list knows it
    runs.set((RUN, DONE))
    assert panel.list.currentIndex().row() == 1
    runs.set((DONE, RUN))
    assert panel.list.currentIndex().row() == 0


def test_a_run_says_how_it_goes(panel: TrainingPanel, qtbot: QtBot) -> None:
    show(panel, qtbot)
    panel.show_run(RUN, LOG)
    state = panel.findChild(QLabel, "training.run.state")
    assert state.text() == run_text(RUN, LOG) == "running · 1,200 of 20,000 · 83.2 images/s · 2:36:40 left"
    assert panel.findChild(QLabel, "training.run.name").text() == "people"
    message = panel.findChild(QLabel, "training.run.message")
    assert message.isHidden()
    paused = RunEntry(**{**vars(RUN), "state": "paused", "message": "The disk is nearly full."})
    panel.show_run(paused, LOG)
    assert message.text() == "The disk is nearly full." and not message.isHidden()
    panel.show_run(RunEntry(**{**vars(DONE), "message": "Stopped; resume to go on."}), LOG)
    assert message.isHidden() and state.text() == "done · 500 of 500"
    about, told = panel.findChild(QLabel, "training.run.about"), "WGAN-GP · 64 px · people (6,000 pictures)"
    assert about.isHidden()
    panel.show_run(RUN, LOG)
    QApplication.processEvents()
    top = panel.run.charts.y(), panel.findChild(QSplitter, "training.split").y()
    panel.show_run(RunEntry(**{**vars(RUN), "about": told}), LOG)
    QApplication.processEvents()
    assert (panel.run.charts.y(), panel.findChild(QSplitter, "training.split").y()) == top, "it does not jump"
    panel.show_run(RunEntry(**{**vars(RUN), "about": told, "note": "Continued from step 9; 2 updates were lost."}), LOG)
    assert about.text() == about.toolTip() == told and not about.isHidden()
    assert message.text() == "Continued from step 9; 2 updates were lost." and message.property("quiet")


def test_the_bar_moves_while_a_run_starts_unless_nothing_may_move(
    panel: TrainingPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(panel, qtbot)
    bar = panel.findChild(QProgressBar, "training.run.progress")
    starting = RunEntry(**{**vars(RUN), "state": "starting"})
    panel.show_run(starting, {})
    assert (bar.minimum(), bar.maximum()) == (0, 0)
    panel.show_run(RUN, LOG)
    assert bar.value() / bar.maximum() == pytest.approx(1200 / 20_000)
    monkeypatch.setattr(motion, "is_reduced", lambda _: True)
    panel.show_run(starting, {})
    assert bar.maximum() > 0


@pytest.mark.parametrize(
    ("changes", "token"),
    [
        ({}, "accent"), ({"state": "paused"}, "warning"), ({"life": "dead"}, "danger"), ({"life": "silent"}, "warning"),
        ({"state": "failed", "life": "ended"}, "danger"), ({"state": "done", "life": "ended"}, "faint"),
        ({"state": "starting", "life": "ended"}, "accent"),
    ],
)  # fmt: skip
def test_a_dot_says_whether_somebody_works_on_it(changes: dict[str, object], token: str) -> None:
    assert colour_of(RunEntry(**{**vars(RUN), **changes})) == token  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("size", [QSize(1100, 320), QSize(420, 600), QSize(320, 160)])
def test_it_fits_wide_and_narrow_places(
    panel: TrainingPanel, runs: RunList, qtbot: QtBot, qapp: QApplication, name: theme.Theme, size: QSize
) -> None:
    theme.apply(qapp, name)
    panel.resize(size)
    runs.set((RUN, DONE))
    show(panel, qtbot)
    for page in (panel.show_empty, panel.show_form, lambda: panel.show_run(RUN, LOG)):
        page()
        assert panel.grab().size() == panel.size()
    theme.apply(qapp, "dark")


# the preview


def test_samples_and_training_pictures_are_equally_large_and_inside(qtbot: QtBot) -> None:
    preview = TrainingPreview()
    qtbot.addWidget(preview)
    preview.resize(320, 260)
    preview.set_samples(7, np.zeros((64, 8, 8, 3), np.uint8))
    alone = preview.tile_rect(0).width()
    preview.set_real(np.full((24, 8, 8, 1), 255, np.uint8))
    rects = [preview.tile_rect(index) for index in range(64)]
    assert all(preview.rect().contains(rect) for rect in rects)
    assert len({rect.topLeft().toTuple() for rect in rects}) == 64 and rects[0].width() <= alone
    assert preview.grab().toImage().pixelColor(rects[7].right() + 8 + 4, rects[0].center().y()).value() == 255


def test_a_click_beside_the_samples_chooses_nothing(qtbot: QtBot) -> None:
    preview = TrainingPreview()
    qtbot.addWidget(preview)
    preview.resize(320, 260)
    chosen: list[tuple[int, int]] = []
    preview.tile_chosen.connect(lambda step, index: chosen.append((step, index)))
    qtbot.mouseClick(preview, Qt.MouseButton.LeftButton, pos=QPoint(30, 60))  # nothing to choose yet
    preview.set_samples(7, np.zeros((5, 8, 8, 3), np.uint8))
    for place in (QPoint(5, 5), QPoint(310, 250), preview.tile_rect(5).center()):
        qtbot.mouseClick(preview, Qt.MouseButton.LeftButton, pos=place)
    assert chosen == []
    qtbot.mouseClick(preview, Qt.MouseButton.LeftButton, pos=preview.tile_rect(4).center())
    preview.clear()
    qtbot.keyClick(preview, Qt.Key.Key_Return)
    assert chosen == [(7, 4)]


# the status bar and the question


def test_the_status_line() -> None:
    assert status_text(RUN, 42) == "training people · 1,200 of 20,000 · 0:42 left"
    assert status_text(RunEntry(**{**vars(RUN), "state": "paused"}), 42) == "paused people · 1,200 of 20,000"
    starting = RunEntry(RUN.path, state="starting")
    assert status_text(starting, None) == "starting people"


def test_the_status_line_is_away_while_nobody_trains(qtbot: QtBot) -> None:
    status = TrainingStatus()
    qtbot.addWidget(status)
    assert status.isHidden()
    status.set_run(RUN, None)
    assert not status.isHidden() and status.text() == "training people · 1,200 of 20,000"
    status.set_run(None, None)
    assert status.isHidden()


def test_nothing_moves_when_the_status_line_comes_and_goes(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    bar, status = StatusBar(), TrainingStatus()
    bar.insertPermanentWidget(1, status)
    qtbot.addWidget(bar)
    bar.show()
    heights = set()
    for entry in (None, RUN, None):
        status.set_run(entry, 42)
        QApplication.processEvents()
        heights.add((bar.sizeHint().height(), bar.minimumSizeHint().height()))
    assert len(heights) == 1


def test_a_narrow_run_keeps_its_hair_line_and_cuts_words_short(panel: TrainingPanel, qtbot: QtBot) -> None:
    show(panel, qtbot)
    about = "WGAN-GP · 64 px · 100 latent dimensions · people (6,000 pictures) · begun with people64"
    entry = RunEntry(**{**vars(RUN), "about": about})
    thick, ink = set(), QColor(theme.current().border)
    for size in (QSize(1100, 320), QSize(420, 640)):
        panel.resize(size)
        panel.show_run(entry, LOG)
        QApplication.processEvents()
        handle = panel.findChild(QSplitter, "training.split").handle(1)
        room = handle.contentsRect().size()
        image = handle.grab(handle.contentsRect()).toImage()
        line = [(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y) == ink]
        thick.add((min(room.width(), room.height()), len(line) / max(room.width(), room.height())))
    assert thick == {(2 * theme.UNIT + 1, 1)}
    label = panel.findChild(QLabel, "training.run.about")
    assert label.width() < label.fontMetrics().horizontalAdvance(about) and label.text() == label.toolTip() == about
    drawn = label.grab().toImage()
    label.setText(label.fontMetrics().elidedText(about, Qt.TextElideMode.ElideRight, label.width()))
    assert label.text().endswith("…") and label.grab().toImage() == drawn


@pytest.mark.parametrize(
    ("here", "apart", "answers"),
    [(["a"], [], {"stop", "stay"}), ([], ["b"], {"go_on", "stop", "stay"}), (["a"], ["b", "c"], {"stop", "stay"})],
)
def test_the_question_offers_what_is_possible(
    qtbot: QtBot, here: list[str], apart: list[str], answers: set[str]
) -> None:
    for answer in answers:
        dialog = CloseQuestion(here, apart)
        found = {button.property("answer") for button in dialog.findChildren(QPushButton)}
        assert found == answers
        told: list[str] = []
        dialog.answered.connect(told.append)
        dialog.open()
        dialog.findChild(QPushButton, f"close.{answer}").click()
        assert told == [answer]


def test_escape_keeps_the_window_open(qtbot: QtBot) -> None:
    dialog, told = CloseQuestion([], ["b"]), []
    dialog.answered.connect(told.append)
    dialog.open()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert told == ["stay"]


def test_the_question_names_the_runs() -> None:
    assert question(["a"], []) == "a is being trained in this process, which ends with the window."
    assert question([], ["a", "b", "c"]).startswith("a, b and c are being trained in a process of its own")


@pytest.mark.parametrize(
    ("entry", "steps", "text"),
    [
        (RUN, 22_000, "Adds 2,000 updates; 20,800 are to come."),
        (RUN, 1_201, "Leaves out 18,799 updates; 1 is to come."),
        (RUN, 20_000, "It ends there already."),
        (DONE, 501, "Adds 1 update. The run goes on at once."),
    ],
)
def test_another_end_is_said_in_updates(entry: RunEntry, steps: int, text: str) -> None:
    assert adds(entry, steps) == text


def test_a_new_end_is_asked_for(qtbot: QtBot) -> None:
    told: list[int] = []
    for leave in (True, False):
        dialog = ExtendQuestion(RUN)
        dialog.answered.connect(told.append)
        dialog.open()
        assert dialog.steps.text() == "40,000" and dialog.steps.minimum() == 1201
        extend = dialog.findChild(QPushButton, "extend.accept")
        dialog.steps.setValue(20_000)
        assert not extend.isEnabled()
        dialog.steps.setValue(1500)
        assert extend.isEnabled() and extend.text() == "Shorten"
        dialog.steps.lineEdit().setText("25,000")
        qtbot.keyClick(dialog.steps, Qt.Key.Key_Escape if leave else Qt.Key.Key_Return)
    assert told == [25_000]
