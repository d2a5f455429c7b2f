"""pyqtgraph is read before the first chart is drawn, in the GUI thread and in pieces."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from latent_debugger.wiring import charts_ahead

from .conftest import Driver
from .runs import FakeRun

IN_THE_GUI_THREAD = (charts_ahead.CHARTS, True)


@pytest.fixture
def imports(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What was imported, and whether in the GUI thread."""
    seen: list[tuple[str, bool]] = []

    def note(name: str) -> None:
        seen.append((name, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(charts_ahead, "import_module", note)
    monkeypatch.setattr(charts_ahead, "SETTLED_MS", 0)
    return seen


def test_it_is_read_once_when_the_panel_is_first_seen(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], imports: list[tuple[str, bool]]
) -> None:
    t = open_window(make_model())
    t.settle()
    assert imports == []  # whoever never trains does not pay for it
    t.window.show_panel("training")
    t.qtbot.waitUntil(lambda: imports == [IN_THE_GUI_THREAD])
    t.window.show_panel("timeline")
    t.window.show_panel("training")
    t.qtbot.wait(5 * charts_ahead.PAUSE_MS)
    assert imports == [IN_THE_GUI_THREAD]


def test_it_is_read_soon_where_there_are_runs(
    open_window: Callable[..., Driver],
    make_model: Callable[..., Path],
    imports: list[tuple[str, bool]],
    tmp_path: Path,
) -> None:
    run = FakeRun(tmp_path / "runs" / "a")
    run.write_status()
    t = open_window(make_model())
    t.wiring.training.runs.add(run.path)
    t.qtbot.waitUntil(lambda: imports == [IN_THE_GUI_THREAD])
    t.settle()


def test_the_types_of_qt_are_made_piece_by_piece_first(
    open_window: Callable[..., Driver],
    make_model: Callable[..., Path],
    imports: list[tuple[str, bool]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(charts_ahead, "PIECE_S", 0.0)  # one name a turn
    monkeypatch.setattr(charts_ahead, "PAUSE_MS", 0)
    t = open_window(make_model())
    turns = 0

    def count() -> None:
        nonlocal turns
        turns += 1

    t.wiring.charts_ahead._timer.timeout.connect(count)
    t.window.show_panel("training")
    t.qtbot.waitUntil(lambda: imports == [IN_THE_GUI_THREAD], timeout=20_000)
    assert turns > 500


def test_a_window_that_closes_reads_no_further(
    open_window: Callable[..., Driver], make_model: Callable[..., Path], imports: list[tuple[str, bool]]
) -> None:
    t = open_window(make_model())
    t.window.show_panel("training")
    t.wiring.charts_ahead.stop()
    t.window.show_panel("paths")
    t.qtbot.wait(5 * charts_ahead.PAUSE_MS)
    assert imports == []
