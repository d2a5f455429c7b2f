"""pyqtgraph is read by another thread before the first chart is drawn."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from latent_debugger.wiring import charts_ahead

from .conftest import Driver
from .runs import FakeRun


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
    t.settle()
    t.window.show_panel("timeline")
    t.window.show_panel("training")
    t.settle()
    assert imports == [(charts_ahead.CHARTS, False)]


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
    t.qtbot.waitUntil(lambda: imports == [(charts_ahead.CHARTS, False)])
    t.settle()


def test_importing_it_makes_no_object_that_belongs_to_a_thread() -> None:
    code = """
        import threading
        import shiboken6
        from PySide6.QtCore import QObject
        from PySide6.QtWidgets import QApplication
        app = QApplication([])
        from latent_debugger.views import theme
        from latent_debugger.wiring.charts_ahead import CHARTS, import_module
        before = {id(found) for found in shiboken6.getAllValidWrappers() if isinstance(found, QObject)}
        thread = threading.Thread(target=import_module, args=(CHARTS,))
        thread.start()
        thread.join()
        import pyqtgraph
        made = [f for f in shiboken6.getAllValidWrappers() if isinstance(f, QObject) and id(f) not in before]
        assert made == [], made
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
