"""Start-up and shutdown: ``python app.py [CHECKPOINT | RUN]``."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from latent_debugger.platform_check import check_libraries, display_missing

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from latent_debugger.views.main_window import MainWindow

HERE = Path(__file__).resolve().parent
ICON = HERE / "assets" / "latent-debugger.svg"
HEADLESS_PICTURE = Path("latent-debugger.png")
SETTLE_S = 30.0  # seconds a screenshot waits for the model


@dataclass(frozen=True)
class Options:
    """The command line."""

    path: Path | None = None
    screenshot: Path | None = None
    theme: str | None = None
    size: tuple[int, int] | None = None


def main() -> None:
    """Open the window and run until it is closed."""
    options = parse(sys.argv[1:])
    if options.screenshot is None and (why := display_missing()):
        print(f"{why}, so the window goes to {HEADLESS_PICTURE}.", file=sys.stderr)
        options = Options(options.path, HEADLESS_PICTURE, options.theme, options.size)
    if options.screenshot is not None and sys.platform.startswith("linux"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # a stale DISPLAY would abort, and none is needed
    problem = check_libraries()
    if problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
    app, window = build_with(options)
    import shiboken6

    if options.screenshot is None:
        status = app.exec()
        shiboken6.delete(window)  # while Qt is whole: at the interpreter's end the event dispatcher goes first
        sys.exit(status)
    from latent_debugger.errors import UserError

    try:
        save_screenshot(window, options.screenshot)
        if window.messages.kind() == "error" and (told := window.messages.text()):
            if options.path is not None or not shows_model(window):
                raise UserError(told)  # the picture shows it too, but a script reads the exit status
            print(told, file=sys.stderr)  # the last session's model has gone, say: another one was drawn instead
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    finally:
        window.close()


SWITCH_S = 0.0005
"""How long another thread may keep Python's lock while the window wants it. Painting asks for it many times, and waited
up to the 5 ms that are usual each time."""


def build(argv: list[str] | None = None) -> tuple[QApplication, MainWindow]:
    """Show the window without entering the event loop. An existing QApplication is used again.

    Args:
        argv: the command line, with or without the program's name in front.
    """
    words = list(argv or ())
    if words and (not words[0] or Path(words[0]).name in {"app.py", "latent-debugger", Path(sys.argv[0]).name}):
        del words[0]
    return build_with(parse(words))


def parse(argv: list[str]) -> Options:
    """Read the command line (without the program's name); what is wrong with it goes to stderr, with exit status 2."""
    parser = _OneLineParser(prog="latent-debugger", description="See and steer what a GAN's generator has learnt.")
    parser.add_argument("path", nargs="?", type=Path, metavar="CHECKPOINT | RUN", help="the bundled model unless said")
    parser.add_argument("--screenshot", type=Path, metavar="OUT.png", help="write a picture of the window and end")
    parser.add_argument("--theme", choices=("system", "light", "dark"))
    parser.add_argument("--size", type=_size, metavar="1400x900", help="of the window, in pixels")
    return Options(**vars(parser.parse_args(argv)))


def build_with(options: Options) -> tuple[QApplication, MainWindow]:
    """:func:`build` for a command line that is parsed already."""
    # torch comes first: on Windows c10.dll does not load after Qt (WinError 1114); and threads that spin at barriers
    # would starve the window (docs/adr/0003-threads-and-pixels.md)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.setswitchinterval(SWITCH_S)
    import torch  # noqa: F401
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from latent_debugger.errors import Reporter
    from latent_debugger.log import Log
    from latent_debugger.state.paths import library_path, log_folder, session_path, settings_path
    from latent_debugger.state.session import Session
    from latent_debugger.state.settings import Settings
    from latent_debugger.state.snapshot import SessionSnapshot
    from latent_debugger.views import theme
    from latent_debugger.views.main_window import MainWindow
    from latent_debugger.wiring import Wiring

    app = QApplication.instance() or QApplication(["latent-debugger"])
    assert isinstance(app, QApplication)
    app.setApplicationName("latent-debugger")
    app.setApplicationDisplayName("Latent Debugger")
    app.setDesktopFileName("latent-debugger")  # desktops find the window's name and icon by it
    app.setWindowIcon(QIcon(str(ICON)))

    snapshot, lost_session = SessionSnapshot.recover(session_path(), "The session")
    if settings_path().exists():
        settings, lost_settings = Settings.recover(settings_path(), "The preferences")
    else:
        settings, lost_settings = Settings.load(session_path()), ""  # where they once were
    theme.apply(app, options.theme or settings.theme)  # before any widget is there to be polished twice
    session = Session()
    session.preferences.set(settings)
    window = MainWindow(session)
    session.setParent(window)
    reporter = Reporter(window)
    reporter.install()
    wiring = Wiring(window, session, reporter, Log(log_folder()))
    window.setProperty("wiring", wiring)
    wiring.memory.restore(snapshot)
    wiring.preferences.restore(options.theme, first_start=not session_path().exists())
    if options.size is not None:
        window.resize(*options.size)
    for notice in filter(None, (lost_session, lost_settings)):
        window.messages.show_notice(notice)
    wiring.services.library.open(library_path())
    wiring.open_at_start(options.path, snapshot, bundled_model())
    window.show()
    return app, window


def bundled_model() -> Path | None:
    """The newest bundled checkpoint: in the installed package, or in the repository."""
    for folder in (HERE / "checkpoints", HERE.parent / "checkpoints"):
        found = sorted(folder.glob("people64/step-*.safetensors"))
        if found:
            return found[-1]
    return None


def save_screenshot(window: MainWindow, path: Path) -> None:
    """Write the window as PNG once its picture and its thumbnails are there."""
    from PySide6.QtCore import QBuffer, QCoreApplication, QEventLoop

    from gan.files import write_atomic
    from latent_debugger.wiring import Wiring

    wiring = window.property("wiring")
    assert isinstance(wiring, Wiring)
    for _ in range(3):  # a model leads to a frame, a frame to thumbnails
        wiring.wait_idle(SETTLE_S)
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
    picture = QBuffer()
    window.grab().save(picture, "PNG")
    write_atomic(path, bytes(picture.data().data()))


def shows_model(window: MainWindow) -> bool:
    """Whether a model is open, whatever else went wrong."""
    from latent_debugger.wiring import Wiring

    wiring = window.property("wiring")
    assert isinstance(wiring, Wiring)
    return wiring.session.model is not None


class _OneLineParser(argparse.ArgumentParser):
    """argparse prints its usage above each error; one sentence is enough."""

    def error(self, message: str) -> None:  # type: ignore[override]
        print(f"{message[:1].upper()}{message[1:]}. Try --help.", file=sys.stderr)
        sys.exit(2)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 320 <= int(width) <= 16384 and 240 <= int(height) <= 16384):
        raise argparse.ArgumentTypeError(f"a size reads like 1400x900, not {text!r}")
    return int(width), int(height)
