from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from latent_debugger.state.reference import Place, ReferencePictures, ReferenceState
from latent_debugger.views.memorisation_check import CHECK, INVITATION, CheckSection, Report
from latent_debugger.views.memorisation_nearest import NearestSection, NearPicture, sentence, share_of
from latent_debugger.views.picture_list import Item, PictureListModel
from latent_debugger.views.reference_bar import OTHERS, UNKNOWN, ReferenceBar


def image() -> QImage:
    found = QImage(8, 8, QImage.Format.Format_RGB888)
    found.fill(0)
    return found


@pytest.mark.parametrize(
    ("percentile", "begins"),
    [(0.0, "Probably a copy: under 1 %"), (0.99, "Probably"), (3.2, "Very near: only 3 %"), (40.0, "No copy: 40 %")],
)
def test_percentiles_are_told_in_words(percentile: float, begins: str) -> None:
    assert sentence(percentile).startswith(begins)


def test_shares_are_rounded() -> None:
    assert [share_of(value) for value in (0.0, 0.4, 1.0, 88.6, 100.0)] == ["under 1 %"] * 2 + ["1 %", "89 %", "100 %"]


def test_the_nearest_section_says_what_to_do(qtbot: QtBot) -> None:
    section = NearestSection()
    qtbot.addWidget(section)
    section.set_idle("Do this.", can_begin=True)
    asked: list[str] = []
    section.compare_requested.connect(lambda: asked.append("compare"))
    section.cancel_requested.connect(lambda: asked.append("cancel"))
    assert section.list.empty_text() == "Do this."
    section.button.click()
    section.set_building(0.4)
    assert section.bar.value() == 400
    section.button.click()
    assert asked == ["compare", "cancel"]
    section.set_pictures([NearPicture(6, 0.1, 0.2, image()), NearPicture(2, 0.4, 30.0, image())])
    assert [item.caption for item in section.model.items] == ["under 1 %", "30 %"]
    assert "Training picture 7" in section.model.items[0].spoken and section.told.property("warning")
    section.set_pictures([NearPicture(2, 0.4, 30.0, image())])
    assert not section.told.property("warning")
    section.set_idle("Gone.")
    assert not section.model.items and not section.told.text()


def test_the_check_section_shows_a_report_and_forgets_it(qtbot: QtBot) -> None:
    section = CheckSection()
    qtbot.addWidget(section)
    assert section.verdict.text() == INVITATION and not section.button.isEnabled()
    section.set_possible(True)
    asked: list[str] = []
    section.check_requested.connect(lambda: asked.append("check"))
    section.cancel_requested.connect(lambda: asked.append("cancel"))
    section.button.click()
    section.set_busy(True)
    section.button.click()
    section.set_busy(False)
    assert asked == ["check", "cancel"] and section.button.text() == CHECK
    distances = np.linspace(0.2, 1.0, 50, dtype=np.float32)
    items = (Item("1 %", "one"), Item("2 %", "two"))
    section.set_report(Report("It copies.", True, distances, distances / 2, items, items[:1]))
    assert section.verdict.property("warning") and not section.verdict.property("quiet")
    assert "0.60" in section.chart.accessibleDescription() and "0.30" in section.chart.accessibleDescription()
    section.set_picture(False, 1, 0, image())
    section.set_picture(True, 9, 0, image())  # no such pair
    opened: list[tuple[bool, int]] = []
    section.pair_opened.connect(lambda twins, row: opened.append((twins, row)))
    section.pairs.opened.emit(1)
    section.tabs.setCurrentIndex(1)
    assert section.pairs.model().rowCount() == 1
    section.pairs.opened.emit(0)
    assert opened == [(False, 1), (True, 0)]
    section.resize(700, 300)
    section.show()
    section.grab()  # everything draws itself
    section.clear()
    assert section.verdict.text() == INVITATION and section.near.rowCount() == 0


def test_a_picture_list_keeps_old_pictures_until_new_ones_come(qtbot: QtBot) -> None:
    model = PictureListModel()
    model.set_items([Item("a", "A"), Item("b", "B")])
    model.set_picture(1, image())
    model.set_picture(7, image())
    model.set_items([Item("c", "C"), Item("d", "D"), Item("e", "E")])
    assert [item.caption for item in model.items] == ["c", "d", "e"]
    assert not model.picture(1).isNull() and model.picture(2).isNull()
    model.set_items([])
    assert model.rowCount() == 0


def test_the_bar_says_which_pictures_they_are(qtbot: QtBot) -> None:
    from pathlib import Path

    bar, state = ReferenceBar(), ReferenceState()
    qtbot.addWidget(bar)
    bar.show_state(state)
    assert bar.text.text() == UNKNOWN and not bar.choose.isHidden()
    state.set_looking()
    bar.show_state(state)
    assert bar.choose.isHidden() and not bar.cancel.isHidden()
    bar.advance("Reading pictures", 20, 6000)
    assert bar.text.text() == "Reading pictures: 20 of 6,000" and bar.bar.value() == 20
    state.set_none("It is gone.")
    bar.show_state(state)
    assert bar.text.text() == f"It is gone. {UNKNOWN}"
    for same, words in ((True, "Training pictures: a, 2."), (False, f"Training pictures: a, 2. {OTHERS}")):
        state.set_ready(ReferencePictures(Place(Path("/a")), "a", np.zeros((2, 4, 4, 3), np.uint8), "0", same))
        bar.show_state(state)
        assert bar.text.text() == words
