from __future__ import annotations

import ctypes
import importlib
import os
import socket
import sys
import tempfile

import pytest

from latent_debugger import platform_check
from latent_debugger.platform_check import XCB_LIBRARIES, check_libraries, display_missing


@pytest.fixture
def system(monkeypatch):
    """A Linux system on which every library is there, until the test takes some away."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    missing: set[str] = set()

    def load(name, *args, **kwargs):
        if name in missing:
            raise OSError(f"{name}: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(ctypes, "CDLL", load)
    return missing


def fail_imports(monkeypatch, message):
    def fail(name):
        raise ImportError(message)

    monkeypatch.setattr(importlib, "import_module", fail)


def test_here_all_is_well():
    assert check_libraries() is None  # the tests run on the offscreen platform


def test_a_missing_library_gives_the_exact_command(system, monkeypatch):
    system.add("libEGL.so.1")
    fail_imports(monkeypatch, "libEGL.so.1: cannot open shared object file: No such file or directory")
    assert check_libraries() == ("The window needs the system library libEGL.so.1: sudo apt-get install -y libegl1")


def test_all_that_is_missing_comes_in_one_command(system, monkeypatch):
    system |= {"libEGL.so.1", "libxkbcommon.so.0", "libxcb-cursor.so.0"}
    fail_imports(monkeypatch, "libEGL.so.1: cannot open shared object file: No such file or directory")
    assert check_libraries().endswith("apt-get install -y libegl1 libxkbcommon0")
    monkeypatch.setenv("DISPLAY", ":0")
    assert check_libraries().endswith("apt-get install -y libegl1 libxcb-cursor0 libxkbcommon0")


@pytest.mark.parametrize("library", sorted(XCB_LIBRARIES))
def test_x_needs_more_libraries(system, monkeypatch, library):
    system.add(library)
    assert check_libraries() is None
    monkeypatch.setenv("DISPLAY", ":0")
    assert check_libraries().endswith(f"{library}: sudo apt-get install -y {XCB_LIBRARIES[library]}")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert check_libraries() is None
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert check_libraries() is not None
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert check_libraries() is None


def test_a_library_we_do_not_know_is_named(system, monkeypatch):
    fail_imports(monkeypatch, "libstrange.so.9: cannot open shared object file: No such file or directory")
    assert "libstrange.so.9;" in check_libraries()


def test_any_other_trouble_is_told(system, monkeypatch):
    fail_imports(monkeypatch, "No module named 'PySide6'")
    assert "pip install" in check_libraries() and "No module named 'PySide6'" in check_libraries()


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_qt_is_not_even_touched(system, monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(importlib, "import_module", pytest.fail)
    monkeypatch.setenv("DISPLAY", ":0")
    system |= set(XCB_LIBRARIES)
    assert check_libraries() is None


def test_without_a_display(system, monkeypatch):
    assert "DISPLAY and WAYLAND_DISPLAY are not set" in display_missing()
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.setenv(name, "")
        assert display_missing()
        monkeypatch.delenv(name)
    monkeypatch.setenv("QT_QPA_PLATFORM", "anything")
    assert not display_missing()
    monkeypatch.delenv("QT_QPA_PLATFORM")
    for other in ("win32", "darwin"):
        monkeypatch.setattr(platform_check.sys, "platform", other)
        assert not display_missing()


@pytest.mark.parametrize(
    "stale", [":9987", ":9987.0", "unix:9987", "localhost:9987", "nonsense", "a:b", ":99999", "\udc80:1"]
)
def test_a_display_that_does_not_answer(system, monkeypatch, stale):
    monkeypatch.setenv("DISPLAY", stale)
    assert display_missing() == f"The display does not answer (DISPLAY={stale})"
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9987")
    assert display_missing() == f"The display does not answer (WAYLAND_DISPLAY=wayland-9987, DISPLAY={stale})"
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert not display_missing()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets")
def test_a_wayland_display_that_answers(system, monkeypatch):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/wayland-5")
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-5")
        assert display_missing()  # a socket's file without a server
        server.listen()
        assert not display_missing()
        monkeypatch.setenv("DISPLAY", ":9987")
        assert not display_missing()


def test_an_x_display_that_answers(system, monkeypatch):
    asked = []

    def connect(address, timeout):
        asked.append(address)
        return socket.socket()

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setenv("DISPLAY", "example.org:10.0")
    assert not display_missing() and asked == [("example.org", 6010)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="abstract sockets are Linux's")
def test_an_x_display_of_this_machine_that_answers(system, monkeypatch):
    number = 20_000 + os.getpid() % 10_000
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        for display in (f":{number}", f":{number}.0", f"unix:{number}"):
            monkeypatch.setenv("DISPLAY", display)
            assert not display_missing()
