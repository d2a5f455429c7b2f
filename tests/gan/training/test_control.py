from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gan.files import write_json
from gan.training.control import Control, Wish, process_start
from gan.training.run_directory import RunDirectory


def test_a_wish_is_told_once(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    control = Control(directory.control_path)
    assert control.read() is None and not control.has_news
    directory.write_control("pause")
    assert control.has_news
    assert control.read() == Wish("pause", None)
    assert control.read() is None and not control.has_news
    directory.write_control("run", 50)
    assert control.read() == Wish("run", 50)


def test_an_older_process_is_not_obeyed_but_what_was_said_since_the_start_is(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.write_control("stop")
    control = Control(directory.control_path, since=time.time() + 60)
    assert control.read() is None
    directory.write_control("pause")  # whatever its time: it was not there before
    assert control.read() == Wish("pause", None)
    assert Control(directory.control_path, since=time.time() - 60).read() == Wish("pause", None)


def test_a_second_before_the_process_is_before_it(tmp_path: Path) -> None:
    """A run that was copied, or whose process was killed, and is resumed at once: what was wanted of the other one."""
    directory = RunDirectory(tmp_path)
    directory.write_control("run", 2)
    began = directory.control_path.stat().st_mtime + 0.3
    assert Control(directory.control_path, since=began).read() is None
    assert Control(directory.control_path, since=began - 0.3).read() == Wish("run", 2)


def test_where_files_have_times_in_whole_seconds_a_wish_may_seem_older_than_it_is(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.write_control("stop")
    second = int(time.time())
    os.utime(directory.control_path, (second, second))
    assert Control(directory.control_path, since=second + 0.9).read() == Wish("stop", None)


def test_a_wish_from_the_future_was_written_by_a_wrong_clock(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.write_control("stop")
    future = time.time() + 3600.5
    os.utime(directory.control_path, (future, future))
    control = Control(directory.control_path)
    assert control.read() is None
    directory.write_control("pause")  # whatever its time: it was not there before
    assert control.read() == Wish("pause", None)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("", None),
        ("{", None),
        ("[]", None),
        ("[" * 100_000, None),
        ("{}", Wish(None, None)),
        ('{"want": "dance", "steps": "many"}', Wish(None, None)),
        ('{"want": 3, "steps": -4}', Wish(None, None)),
        ('{"want": "stop", "steps": true}', Wish("stop", None)),
        ('{"want": "run", "steps": 1e3}', Wish("run", None)),
        (json.dumps({"want": "run", "steps": 10**400}), Wish("run", None)),
        ('{"want": "run", "steps": 7, "more": 1}', Wish("run", 7)),
    ],
    ids=range(11),
)
def test_nonsense_is_ignored(tmp_path: Path, text: str, wish: Wish | None) -> None:
    path = tmp_path / "control.json"
    path.write_text(text)
    assert Control(path).read() == wish


def test_process_start_is_before_the_import_and_not_long_before(tmp_path: Path) -> None:
    before = time.time()
    code = "import time; time.sleep(0.3); import gan.training.control as c; print(c.process_start(), time.time())"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    start, imported = map(float, answer.stdout.split())
    assert before - 0.1 <= start <= imported if sys.platform == "linux" else before - 1 <= start
    if sys.platform == "linux":
        assert start <= imported - 0.3  # seen from /proc, where the process began, not where gan was imported
    assert process_start() < time.time()


def test_a_file_that_is_replaced_within_the_clocks_resolution_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    control = Control(path)
    for want in ("pause", "stop"):
        write_json(path, {"want": want})
        os.utime(path, ns=(10**18 * 2, 10**18 * 2))
        assert control.read() == Wish(want, None)  # type: ignore[arg-type]


def test_what_is_far_too_long_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    path.write_bytes(b" " * 1_000_000 + b'{"want": "stop"}')
    assert Control(path).read() is None


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "control.json")
    control = Control(tmp_path / "control.json")
    assert control.read() is None and not control.has_news
