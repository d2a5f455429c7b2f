"""Before Qt is loaded: are its system libraries and a display there? Without them Qt aborts with no word of advice."""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import socket
import sys
from pathlib import Path

ANSWER_S = 2.0
"""How long a display on another machine may take to answer."""

# what PySide6-Essentials takes from the system (ldd on its libraries and plugins), and the Debian package of each
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
}
XCB_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
}


def check_libraries() -> str | None:
    """One sentence with the exact command when Qt lacks a library of the system; None when all is well.

    Only Linux leaves libraries to the system; on Windows, Qt must not even be touched before torch is loaded.
    """
    if not sys.platform.startswith("linux"):
        return None
    problem = _import_problem("PySide6.QtGui") or _import_problem("PySide6.QtWidgets")
    if not problem and not _uses_xcb():
        return None
    wanted = {**LIBRARIES, **(XCB_LIBRARIES if _uses_xcb() else {})}
    missing = {name: package for name, package in wanted.items() if not _loads(name)}
    if missing:
        them = "library" if len(missing) == 1 else "libraries"
        packages = " ".join(sorted(set(missing.values())))
        return f"The window needs the system {them} {', '.join(missing)}: sudo apt-get install -y {packages}"
    if not problem:
        return None
    if named := re.match(r"(lib[\w.+-]+\.so[\w.]*):", problem):
        return f"The window needs the system library {named[1]}; install the package that holds it."
    return f"Qt cannot be loaded ({problem}): pip install --force-reinstall PySide6-Essentials"


def display_missing() -> str:
    """Why Linux has no display to open a window on, as half a sentence; empty where it has one, or QT_QPA_PLATFORM says
    what to do instead. Qt itself aborts at a display that does not answer."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    wayland, x = os.environ.get("WAYLAND_DISPLAY", ""), os.environ.get("DISPLAY", "")
    if not wayland and not x:
        return "There is no display (DISPLAY and WAYLAND_DISPLAY are not set)"
    if (wayland and _answers(_wayland_socket(wayland))) or (x and any(map(_answers, _x_addresses(x)))):
        return ""
    named = [f"{name}={value}" for name, value in (("WAYLAND_DISPLAY", wayland), ("DISPLAY", x)) if value]
    return f"The display does not answer ({', '.join(named)})"


_Address = str | tuple[str, int]


def _wayland_socket(display: str) -> str:
    return str(Path(os.environ.get("XDG_RUNTIME_DIR", ""), display))  # an absolute name stays as it is


def _x_addresses(display: str) -> list[_Address]:
    """Where the server of ``[HOST]:N[.SCREEN]`` listens (X(7), "Display names"); an empty host is this machine."""
    found = re.fullmatch(r"(?:(?P<protocol>\w+)/)?(?P<host>.*):(?P<number>\d{1,5})(?:\.\d+)?", display)
    if found is None:
        return [display]
    socket_name, port = f"/tmp/.X11-unix/X{found['number']}", 6000 + int(found["number"])
    if found["host"] in ("", "unix"):
        return [f"\0{socket_name}", socket_name, ("localhost", port)]
    return [(found["host"].strip("[]"), port)]


def _answers(address: _Address) -> bool:
    """Whether anybody accepts a connection there: at a path (behind a NUL, an abstract one), or at host and port."""
    try:
        if not isinstance(address, str):
            socket.create_connection(address, ANSWER_S).close()
            return True
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_S)
            connection.connect(address)
            return True
    except (OSError, ValueError, OverflowError):  # the latter two: no such address can be
        return False


def _uses_xcb() -> bool:
    """Whether Qt will talk to an X server: it takes Wayland where there is one, and an explicit platform always."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform:
        return platform == "xcb"
    return bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")


def _import_problem(module: str) -> str:
    try:
        importlib.import_module(module)
    except ImportError as error:
        return str(error)
    return ""


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
