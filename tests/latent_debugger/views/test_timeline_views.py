"""The parts of the timeline panel: what they show, and what they say the user wants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from latent_debugger.state.timeline import Reel, Stage
from latent_debugger.views import timeline_model
from latent_debugger.views.preview_wall import PreviewWall
from latent_debugger.views.thumbnails import Role
from latent_debugger.views.timeline_compare import ComparePage
from latent_debugger.views.timeline_model import CURRENT, FilmModel, FilmRow
from latent_debugger.views.timeline_panel import EMPTY, NO_CHECKPOINT, TimelinePanel
from latent_debugger.views.timeline_scrubber import Scrubber
from latent_debugger.views.timeline_strip import SIDES, FilmStrip
from latent_debugger.views.wipe import CanvasWipe, WipeView

NOW, STAR = FilmRow(CURRENT, "Canvas", b"z0z0"), FilmRow("id", "Aunt", b"z1z1")


def plain(value: int, side: int = 8) -> np.ndarray:
    return np.full((side, side, 3), value, np.uint8)


def colour_of(image: object) -> int:
    assert isinstance(image, QImage)
    return image.pixelColor(0, 0).red()


def reel(*steps: int, run: str = "run-a", alive: bool = False) -> Reel:
    stages = tuple(Stage(step, Path(f"/runs/people/checkpoints/{step}")) for step in steps)
    return Reel(Path("/runs/people"), run, stages, alive=alive)


# the model


@pytest.fixture
def film(qapp: QApplication) -> FilmModel:
    made = FilmModel()
    made.set_steps((0, 10, 20), same_run=False)
    made.set_rows((NOW, STAR))
    return made


def test_frames_arrive_where_they_belong(film: FilmModel) -> None:
    film.set_frame(CURRENT, 10, NOW.z, plain(50))
    film.set_frame("id", 20, STAR.z, plain(60))
    for key, step, z in (("id", 20, NOW.z), ("gone", 0, NOW.z), (CURRENT, 15, NOW.z)):
        film.set_frame(key, step, z, plain(99))
    assert colour_of(film.index(0, 1).data(Role.PICTURE)) == 50
    assert colour_of(film.index(1, 2).data(Role.PICTURE)) == 60
    assert film.index(0, 0).data(Role.PICTURE) is None
    assert [film.missing(column) for column in range(3)] == [[NOW, STAR], [STAR], [NOW]]
    assert (film.rowCount(), film.columnCount()) == (2, 3)
    assert (
        film.headerData(2, Qt.Orientation.Horizontal) == "20" and film.headerData(1, Qt.Orientation.Vertical) == "Aunt"
    )
    assert film.headerData(9, Qt.Orientation.Vertical) is None
    assert film.index(1, 2).data(Qt.ItemDataRole.AccessibleTextRole) == "Aunt at step 20"


def test_an_old_frame_stands_in_for_the_new_one_and_fades(
    film: FilmModel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    film.set_frame(CURRENT, 10, NOW.z, plain(50))
    moved = FilmRow(CURRENT, "Canvas", b"new!")
    film.set_rows((moved, STAR))
    index = film.index(0, 1)
    assert colour_of(index.data(Role.PICTURE)) == 50 and not index.data(Role.STALE)
    assert film.missing(1) == [moved, STAR]
    qtbot.waitUntil(lambda: bool(index.data(Role.STALE)), timeout=20_000)
    film.set_frame(CURRENT, 10, b"new!", plain(70))
    assert colour_of(index.data(Role.PICTURE)) == 70 and not index.data(Role.STALE)


def test_a_checkpoint_more_moves_nothing(film: FilmModel, qtbot: QtBot) -> None:
    film.set_frame(CURRENT, 10, NOW.z, plain(50))
    with qtbot.waitSignal(film.columnsInserted), qtbot.assertNotEmitted(film.modelReset):
        film.set_steps((0, 10, 20, 30), same_run=True)
    assert colour_of(film.index(0, 1).data(Role.PICTURE)) == 50
    film.set_steps((10, 30), same_run=True)  # retention took some away
    assert colour_of(film.index(0, 0).data(Role.PICTURE)) == 50
    film.set_steps((10, 30), same_run=False)
    assert film.index(0, 0).data(Role.PICTURE) is None


def test_a_frame_that_cannot_be_drawn_says_so(film: FilmModel) -> None:
    film.set_frame(CURRENT, 10, NOW.z, None, "damaged")
    index = film.index(0, 1)
    assert index.data(Role.BADGE) == "damaged" and "damaged" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert film.missing(1) == [STAR], "asking again would not help"
    film.forget(10)
    assert film.missing(1) == [NOW, STAR]


def test_frames_are_small_and_few(film: FilmModel, monkeypatch: pytest.MonkeyPatch) -> None:
    film.set_frame(CURRENT, 10, NOW.z, plain(50, side=512))
    picture = film.index(0, 1).data(Role.PICTURE)
    assert isinstance(picture, QImage) and picture.width() == timeline_model.MAX_SIDE
    monkeypatch.setattr(timeline_model, "ROOM", 10_000)
    many = FilmModel()
    many.set_rows((NOW,))
    many.set_steps(range(100), same_run=False)
    for step in range(100):
        many.set_frame(CURRENT, step, NOW.z, plain(step, side=16))
    assert len(many._frames) < 15


# the strip


@pytest.fixture
def strip(film: FilmModel, qtbot: QtBot) -> FilmStrip:
    made = FilmStrip(film)
    qtbot.addWidget(made)
    film.set_steps(range(0, 1000, 10), same_run=False)
    made.resize(800, 400)
    made.show()
    return made


def test_the_frames_are_as_large_as_all_lines_allow(strip: FilmStrip, film: FilmModel) -> None:
    assert strip.tiles.side == SIDES[-1]
    strip.resize(800, 240)
    assert strip.tiles.side == 64
    film.set_rows([NOW, *(FilmRow(str(k), str(k), bytes(4)) for k in range(5))])
    assert strip.tiles.side == SIDES[0]


def test_tells_which_columns_are_in_view(strip: FilmStrip, film: FilmModel, qtbot: QtBot) -> None:
    first, last = strip.columns_in_view()
    assert first == 0 and 3 <= last <= 6
    with qtbot.waitSignal(strip.range_changed):
        strip.show_column(80)
    first, last = strip.columns_in_view()
    assert first <= 80 <= last and first > 60
    film.set_steps((), same_run=False)
    assert strip.columns_in_view() == (0, -1)


def test_clicks_and_keys_choose_a_checkpoint_and_programs_do_not(strip: FilmStrip, qtbot: QtBot) -> None:
    chosen, opened = [], []
    strip.chosen.connect(chosen.append)
    strip.opened.connect(lambda row, column: opened.append((row, column)))
    strip.show_column(3)
    assert chosen == [] and strip.selectionModel().isColumnSelected(3, strip.rootIndex())
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    qtbot.keyClick(strip, Qt.Key.Key_Down)
    assert chosen == [4, 3]
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert opened == [(1, 3)]
    place = strip.visualRect(strip.model().index(0, 2)).center()
    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen[-1] == 2
    strip.show_column(-1)
    assert not strip.selectionModel().hasSelection()


def test_the_wheel_goes_along_the_strip(strip: FilmStrip) -> None:
    before = strip.horizontalScrollBar().value()
    place = QPointF(strip.viewport().rect().center())
    wheel = QWheelEvent(
        place, strip.viewport().mapToGlobal(place), QPoint(), QPoint(0, -240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(strip.viewport(), wheel)
    assert strip.horizontalScrollBar().value() > before


def test_the_marked_checkpoint_survives_a_reset(strip: FilmStrip, film: FilmModel) -> None:
    strip.show_column(5)
    film.set_rows((NOW,))
    assert strip.selectionModel().isColumnSelected(5, strip.rootIndex())


# the scrubber


def test_the_scrubber_tells_where_it_is(qtbot: QtBot) -> None:
    scrubber, moved = Scrubber(), []
    qtbot.addWidget(scrubber)
    scrubber.moved.connect(moved.append)
    assert not scrubber.isEnabled() and scrubber.label.text() == ""
    scrubber.set_steps((0, 500, 12_000), 1)
    assert scrubber.label.text() == "step 500 · 2 of 3" and moved == []
    scrubber.later.click()
    assert moved == [2] and scrubber.label.text() == "step 12,000 · 3 of 3" and not scrubber.later.isEnabled()
    scrubber.show_position(0)
    assert moved == [2] and scrubber.slider.value() == 0 and not scrubber.earlier.isEnabled()
    scrubber.show_position(-1)
    assert scrubber.label.text() == "3 checkpoints"


def test_a_click_on_the_groove_goes_there_and_a_hand_wins(qtbot: QtBot) -> None:
    scrubber, moved = Scrubber(), []
    qtbot.addWidget(scrubber)
    scrubber.set_steps(range(0, 1010, 10), 0)
    scrubber.resize(600, 32)
    scrubber.show()
    scrubber.moved.connect(moved.append)
    slider = scrubber.slider
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, slider.height() // 2))
    assert abs(slider.value() - 50) <= 2 and moved[-1] == slider.value()
    scrubber.show_position(3)
    assert slider.value() != 3, "the hand is still on it"
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton)
    scrubber.show_position(3)
    assert slider.value() == 3


# comparing


def image(colour: str, side: int = 10) -> QImage:
    made = QImage(side, side, QImage.Format.Format_RGB888)
    made.fill(QColor(colour))
    return made


def test_the_divider_parts_the_pictures(qtbot: QtBot) -> None:
    wipe, told = WipeView(), []
    qtbot.addWidget(wipe)
    wipe.divided.connect(told.append)
    wipe.resize(208, 208)
    wipe.set_pictures(image("#ff0000"), image("#0000ff"), "", "")
    place = wipe.picture_rect()
    assert (place.width(), place.height()) == (200, 200)

    def colours(fraction: float) -> tuple[str, str]:
        wipe.set_divider(fraction)
        shot = wipe.grab().toImage()
        y, x = int(place.top()) + 5, place.left() + fraction * place.width()
        return shot.pixelColor(int(x) - 4, y).name(), shot.pixelColor(int(x) + 4, y).name()

    assert colours(0.5) == colours(0.25) == ("#ff0000", "#0000ff")
    for pressed, expected in ((50, 0.23), (500, 1.0), (-20, 0.0)):
        qtbot.mousePress(wipe, Qt.MouseButton.LeftButton, pos=QPoint(pressed, 50))
        qtbot.mouseRelease(wipe, Qt.MouseButton.LeftButton, pos=QPoint(pressed, 50))
        assert wipe.divider == pytest.approx(expected)
    for key, expected in ((Qt.Key.Key_Right, 0.02), (Qt.Key.Key_End, 1.0), (Qt.Key.Key_Left, 0.98)):
        qtbot.keyClick(wipe, key)
        assert wipe.divider == pytest.approx(expected)
    assert told[-1] == wipe.divider and len(told) == 6
    wipe.set_pictures(image("#ff0000"), QImage(), "A step 1", "B step 2")
    assert wipe.accessibleDescription() == "98 % A step 1, the rest B step 2"
    wipe.grab()


def test_a_choice_of_steps_stays_while_the_run_goes_on(qtbot: QtBot) -> None:
    page, changed = ComparePage(), []
    qtbot.addWidget(page)
    page.changed.connect(lambda: changed.append(page.steps))
    assert page.steps is None
    page.set_steps((0, 10, 20), same_run=False)
    assert page.steps == (0, 20)
    page.show_step(10)
    page.swap.click()
    assert changed == [(0, 10), (10, 0)]
    page.set_steps((0, 10, 20, 30), same_run=True)
    assert page.steps == (10, 0)
    page.set_steps((5, 6), same_run=False)
    assert page.steps == (5, 6)


def test_the_comparison_covers_the_canvas_while_its_page_is_in_view(qtbot: QtBot) -> None:
    canvas, page = QWidget(), ComparePage()
    for widget in (canvas, page):
        qtbot.addWidget(widget)
        widget.resize(300, 300)
        widget.show()
    page.set_canvas(canvas)
    page.set_steps((0, 10), same_run=False)
    page.set_pictures(image("#ff0000"), image("#0000ff"))
    large = canvas.findChild(CanvasWipe)
    assert large is not None and large.isHidden()
    page.large.click()
    assert large.isVisible() and large.geometry() == canvas.rect()
    canvas.resize(200, 260)
    assert large.geometry() == canvas.rect()
    qtbot.keyClick(large, Qt.Key.Key_Home)
    assert page.wipe.divider == 0.0
    page.hide()
    assert large.isHidden(), "nobody would know where the picture has gone"
    page.show()
    assert large.isVisible()
    qtbot.keyClick(large, Qt.Key.Key_Escape)
    assert large.isHidden() and not page.large.isChecked()


# the samples


def test_a_click_on_a_tile_tells_step_and_index(qtbot: QtBot) -> None:
    wall, chosen = PreviewWall(), []
    qtbot.addWidget(wall)
    wall.tile_chosen.connect(lambda step, index: chosen.append((step, index)))
    wall.resize(500, 300)
    wall.show()
    tiles = np.stack([plain(10 * k) for k in range(12)])
    wall.set_sheet(500, tiles)
    assert colour_of(wall.tiles.index(7).data(Role.PICTURE)) == 70 and wall.step == 500
    place = wall.list.visualRect(wall.tiles.index(7)).center()
    qtbot.mouseClick(wall.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    wall.set_sheet(1000, tiles[::-1])
    assert colour_of(wall.tiles.index(7).data(Role.PICTURE)) == 40
    qtbot.keyClick(wall.list, Qt.Key.Key_Right)
    qtbot.keyClick(wall.list, Qt.Key.Key_Return)
    assert chosen == [(500, 7), (1000, 8)]
    wall.clear("No samples.")
    assert (wall.step, wall.tiles.rowCount(), wall.list.empty_text()) == (None, 0, "No samples.")


# the panel


def test_the_panel_shows_a_reel(qtbot: QtBot) -> None:
    panel = TimelinePanel()
    qtbot.addWidget(panel)
    active, chosen = [], []
    panel.activated.connect(active.append)
    panel.stage_chosen.connect(chosen.append)
    panel.resize(900, 320)
    panel.show()
    assert panel.empty.isVisible() and panel.empty.text() == EMPTY
    panel.set_reel(reel(), -1)
    assert panel.empty.isVisible() and panel.empty.text() == NO_CHECKPOINT
    panel.set_reel(reel(0, 500, 1000, alive=True), 1)
    assert panel.strip.isVisible() and panel.film.steps == (0, 500, 1000)
    assert panel.told.text() == "people · training now" and panel.told.toolTip() == str(Path("/runs/people"))
    panel.set_followed(False)
    assert panel.told.text() == "people · training now, not followed"
    assert panel.scrubber.slider.value() == 1 and panel.compare.steps == (0, 500)
    panel.set_reel(reel(0, 500, 1000, 1500), 3)
    assert panel.told.text() == "people" and panel.scrubber.slider.value() == 3
    panel.set_page("compare")
    assert panel.compare.isVisible() and not panel.strip.isVisible()
    panel.set_page("samples")
    assert panel.wall.isVisible() and panel.page == "samples"
    panel.scrubber.slider.setValue(0)
    assert chosen == [0]
    panel.set_reel(None, -1)
    assert panel.empty.isVisible() and panel.empty.text() == EMPTY
    panel.hide()
    assert active == [True, False]


def test_the_menu_of_a_frame(qtbot: QtBot) -> None:
    panel, told = TimelinePanel(), []
    qtbot.addWidget(panel)
    panel.stage_chosen.connect(lambda column: told.append(("open", column)))
    panel.frame_opened.connect(lambda row, column: told.append(("go", row, column)))
    panel.unpin_requested.connect(lambda key: told.append(("unpin", key)))
    panel.set_reel(reel(0, 500, 1000), 2)
    panel.film.set_rows((NOW, FilmRow("id", "Tom & Jerry", bytes(4))))
    assert len(panel.frame_menu(0, 1).actions()) == 2
    menu = panel.frame_menu(1, 1)
    assert menu.actions()[-1].text() == "Take Tom && Jerry off"
    for action in menu.actions():
        action.trigger()
    assert told == [("open", 1), ("go", 1, 1), ("unpin", "id")]
    assert panel.page == "compare" and panel.compare.steps == (500, 1000)


def test_tab_goes_from_the_pages_to_the_buttons_beside_them(qtbot: QtBot) -> None:
    panel = TimelinePanel()
    qtbot.addWidget(panel)
    panel.add_actions(QAction("Follow", panel), QAction("Pin", panel), [QAction("Export", panel)])
    panel.set_reel(reel(0, 5), 1)
    panel.show()
    names, widget = [], panel.tabs
    while len(names) < 6:
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            names.append(widget.objectName())
        widget = widget.nextInFocusChain()
    buttons = [panel._buttons.itemAt(place).widget().objectName() for place in range(3)]
    assert names[:5] == ["timeline.tabs", *buttons, "timelineStrip"]
