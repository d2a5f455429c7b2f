"""Fields side by side, in as many lines as it takes."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from latent_debugger.views.training_flow_layout import Flow

COLUMN, GAP, HEIGHT = 100, 10, 20


@pytest.fixture
def flow(qtbot: QtBot) -> Iterator[Flow]:
    panel = QWidget()
    qtbot.addWidget(panel)
    made = Flow(COLUMN, GAP, panel)
    for n in range(5):
        field = QLabel(str(n))
        field.setFixedHeight(HEIGHT)
        made.addWidget(field)
    panel.show()
    yield made  # qtbot does not keep the panel alive


def places(flow: Flow) -> list[tuple[int, int]]:
    """(line, column) of every field that shows."""
    found = [field.geometry() for field in flow.findChildren(QLabel) if not field.isHidden()]
    return [(place.y() // (HEIGHT + GAP), place.x() // (place.width() + GAP)) for place in found]


@pytest.mark.parametrize(("width", "columns"), [(50, 1), (209, 1), (210, 2), (330, 3), (540, 5), (3000, 5)])
def test_as_many_as_fit_stand_side_by_side(flow: Flow, width: int, columns: int) -> None:
    lines = -(-5 // columns)
    flow.resize(width, flow.heightForWidth(width))
    flow.show()
    assert flow.height() == lines * HEIGHT + (lines - 1) * GAP
    assert places(flow) == [divmod(n, columns) for n in range(5)]
    assert all(field.geometry().right() < max(width, COLUMN) for field in flow.findChildren(QLabel))


def test_a_hidden_field_leaves_no_gap(flow: Flow) -> None:
    flow.resize(210, 200)
    flow.show()
    first = flow.findChildren(QLabel)[0]
    first.hide()
    QCoreApplication.processEvents()
    assert places(flow) == [(0, 0), (0, 1), (1, 0), (1, 1)] and flow.heightForWidth(210) == 2 * HEIGHT + GAP
    first.show()
    QCoreApplication.processEvents()
    assert len(places(flow)) == 5


def test_what_lies_below_gives_way(flow: Flow) -> None:
    """Through many turns of the garbage collector, which a layout of Python's would not survive."""
    area, content, below = QScrollArea(flow.window()), QWidget(), QLabel("below")
    column = QVBoxLayout(content)
    column.addWidget(flow)
    column.addWidget(below)
    column.addStretch(1)
    area.setWidgetResizable(True)
    area.setWidget(content)
    area.show()
    for width in (600, 250, 150, 400):
        area.resize(width, 300)
        gc.collect()
        QCoreApplication.processEvents()
        assert below.y() >= flow.y() + flow.heightForWidth(flow.width())
