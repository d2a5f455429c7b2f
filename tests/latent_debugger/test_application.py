from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from gan.errors import UserError
from latent_debugger import application
from latent_debugger.application import Options, build, bundled_model, parse, save_screenshot
from latent_debugger.state.paths import session_path
from latent_debugger.state.snapshot import SessionSnapshot
from latent_debugger.views import theme

ROOT = Path(application.__file__).resolve().parent.parent
NOISE = "propagateSizeHints"  # what the offscreen platform says of every window


@pytest.fixture
def open_window(qtbot):
    """Builds windows on the bundled model, and closes them."""
    windows = []

    def open_it(*argv):
        app, window = build(list(argv))
        windows.append(window)
        assert window.property("wiring").wait_idle(30)
        return app, window

    yield open_it
    for window in filter(isValid, windows):
        close(window)


def close(window):
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_nothing_said_means_nothing_chosen():
    assert parse([]) == Options()


def test_everything_said():
    words = ["runs/mine", "--screenshot", "out.png", "--theme", "light", "--size", "1280X800"]
    assert parse(words) == Options(Path("runs/mine"), Path("out.png"), "light", (1280, 800))


@pytest.mark.parametrize("size", ["320x240", "16384x16384"])
def test_sizes_at_the_limits(size):
    assert "x".join(map(str, parse(["--size", size]).size)) == size


@pytest.mark.parametrize(
    "words",
    [
        ["--size", size]
        for size in ("", "x", "1400", "1400x", "x900", "1400x900x2", "-1400x900", "1e3x900", "319x900", "1400x99999")
    ]
    + [["--theme", "blue"], ["--theme"], ["--screenshot"], ["--bogus"], ["one", "two"]],
    ids=" ".join,
)
def test_a_mistake_is_one_line_and_exit_status_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(words)
    said = capsys.readouterr()
    assert ended.value.code == 2 and said.out == ""
    assert said.err.count("\n") == 1 and said.err.endswith("Try --help.\n")


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as ended:
        parse(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("CHECKPOINT | RUN", "--screenshot", "--theme", "--size"))


@pytest.mark.parametrize(
    "program", [None, "app.py", "/somewhere/app.py", "latent-debugger", "/usr/bin/latent-debugger", ""]
)
def test_build_takes_a_command_line_with_or_without_the_program(program, monkeypatch):
    monkeypatch.setattr(application, "build_with", lambda options: options)
    words = [] if program is None else [program]
    assert build([*words, "a.safetensors", "--theme", "dark"]) == Options(Path("a.safetensors"), theme="dark")


def test_build_knows_the_program_by_the_name_it_was_started_with(monkeypatch):
    monkeypatch.setattr(application, "build_with", lambda options: options)
    monkeypatch.setattr(sys, "argv", ["/home/me/bin/ld", "--theme", "dark"])
    assert build(sys.argv) == Options(theme="dark")
    assert build(None) == build([]) == Options()


def test_build_shows_the_bundled_model_in_the_size_and_theme_asked_for(open_window):
    app, window = open_window("--size", "1100x700", "--theme", "light")
    assert app is QApplication.instance()
    assert window.isVisible() and (window.width(), window.height()) == (1100, 700)
    assert theme.current() is theme.LIGHT
    assert window.property("wiring").session.model.path == bundled_model()


def test_the_window_carries_the_icon(open_window):
    app, window = open_window()
    for size in (16, 32, 64, 256):
        picture = window.windowIcon().pixmap(size, size).toImage()
        colours = {QColor(picture.pixel(x, y)).name() for x in range(picture.width()) for y in range(picture.height())}
        assert theme.DARK.accent in colours and theme.DARK.accent_text in colours
    assert app.desktopFileName() == "latent-debugger"


def test_one_window_after_another_in_one_process(open_window):
    hooks = sys.excepthook
    app, first = open_window("--theme", "light")
    first.property("wiring").editor.random(7)
    kept = first.property("wiring").session.latent.z.copy()
    close(first)
    assert sys.excepthook is hooks
    again, second = open_window("--theme", "dark")
    assert again is app and theme.current() is theme.DARK
    np.testing.assert_array_equal(second.property("wiring").session.latent.z, kept)  # the session goes on


def test_a_screenshot_is_the_window_with_its_picture(open_window, tmp_path):
    _, window = open_window("--size", "1000x700")
    save_screenshot(window, tmp_path / "window.png")
    with Image.open(tmp_path / "window.png") as picture:
        assert picture.format == "PNG" and picture.size == (1000, 700)
        x, y = window.canvas.mapTo(window, window.canvas.rect().center()).toTuple()
        around = np.asarray(picture.convert("RGB"))[y - 80 : y + 80, x - 80 : x + 80]
    assert around.max() > 200 and around.std() > 10  # somebody is there


def test_a_screenshot_that_cannot_be_written_is_a_mistake(open_window, tmp_path):
    _, window = open_window()
    with pytest.raises(UserError):
        save_screenshot(window, tmp_path)


def test_the_bundled_model_is_the_newest_of_the_repository():
    steps = sorted((ROOT / "checkpoints" / "people64").glob("step-*.safetensors"))
    assert bundled_model() == steps[-1]


def test_an_installed_package_brings_its_own_model(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "latent_debugger"
    monkeypatch.setattr(application, "HERE", package)
    assert bundled_model() is None
    for folder, step in ((package.parent, 900), (package, 10), (package, 200)):
        path = folder / "checkpoints" / "people64" / f"step-{step:08d}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (path.parent / ".step-00000300.safetensors.tmp").touch()
    assert bundled_model() == path  # step 200: not a stranger's folder beside the package


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")
@pytest.mark.parametrize("stale", ["", ":9987"])
def test_without_a_display_the_window_becomes_a_picture(tmp_path, private_home, stale):
    gone = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in gone} | {"DISPLAY": stale}
    ended = subprocess.run(
        [sys.executable, ROOT / "app.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100
    )
    said = [line for line in ended.stderr.splitlines() if NOISE not in line]
    assert (ended.returncode, ended.stdout) == (0, "")
    assert len(said) == 1 and "latent-debugger.png" in said[0]
    with Image.open(tmp_path / "latent-debugger.png") as picture:
        assert picture.size == (1400, 900)


@pytest.mark.parametrize(("asked", "status"), [(False, 0), (True, 2)])
def test_a_lost_model_fails_only_where_it_was_asked_for(tmp_path, private_home, monkeypatch, capsys, asked, status):
    gone = tmp_path / "gone.safetensors"
    if not asked:
        SessionSnapshot(model_path=str(gone)).save(session_path())
    words = ["app.py", *([str(gone)] if asked else []), "--screenshot", str(tmp_path / "window.png")]
    monkeypatch.setattr(sys, "argv", words)
    windows = []
    keep = application.build_with
    monkeypatch.setattr(application, "build_with", lambda options: windows.append(keep(options)) or windows[-1])
    if status:
        with pytest.raises(SystemExit) as ended:
            application.main()
        assert ended.value.code == status
    else:
        application.main()
    assert "gone.safetensors" in capsys.readouterr().err and (tmp_path / "window.png").exists()
    for _, window in windows:
        close(window)
