from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gan.config import ModelConfig, TrainConfig
from gan.errors import UserError
from gan.files import write_json
from gan.training.run_directory import MetricsLog, RunConfig, RunDirectory
from gan.training.run_reader import (
    MAX_COLUMNS,
    MetricsTail,
    find_runs,
    is_run,
    life_of,
    list_steps,
    read_run,
    read_status,
)

NOW = 1_000_000.0


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory as a trainer leaves it, without the trainer."""
    config = RunConfig.new(ModelConfig(), TrainConfig(), {"path": "p", "name": "people", "count": 3, "sha256": "0"})
    directory = RunDirectory(tmp_path / "run")
    write_json(directory.config_path, config.to_json())
    for step in (0, 500, 1000):
        for path in (directory.checkpoint(step), directory.sample(step)):
            path.parent.mkdir(exist_ok=True)
            path.touch()
    return directory.path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def _write(path: Path, text: str) -> None:
    with open(path, "a", newline="") as file:
        file.write(text)


def _line(step: int, **values: object) -> str:
    return json.dumps({"step": step, **values}) + "\n"


def test_nothing_in_here_imports_torch() -> None:
    """The window reads runs before, and without, loading it."""
    code = "import sys, gan.training.run_reader; sys.exit('torch' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestMetricsTail:
    def test_reads_only_what_is_new(self, log: Path) -> None:
        tail = MetricsTail(log)
        assert not tail.poll() and tail.columns["step"].tolist() == []
        _write(log, _line(1, wasserstein=0.5) + _line(2, wasserstein=1))
        assert tail.poll() and not tail.poll()
        before = tail.columns
        _write(log, _line(3, wasserstein=1.5, penalty=None) + '{"step": 4, "wasser')
        assert tail.poll()
        assert tail.columns["step"].tolist() == [1, 2, 3]
        assert tail.columns["wasserstein"].tolist() == [0.5, 1, 1.5]
        assert not tail.poll()
        _write(log, 'stein": 2}\n')
        assert tail.poll() and tail.columns["wasserstein"].tolist() == [0.5, 1, 1.5, 2]
        assert before["wasserstein"].tolist() == [0.5, 1]

    def test_columns_are_equally_long_float64_and_read_only(self, log: Path) -> None:
        _write(log, _line(1, a=1) + _line(2, b=True, c="x", a=None) + _line(3, b=2.5, a=10**400))
        tail = MetricsTail(log)
        assert tail.poll()
        assert tail.columns.keys() == {"step", "a", "b"}
        np.testing.assert_array_equal(tail.columns["a"], [1, np.nan, np.nan])
        np.testing.assert_array_equal(tail.columns["b"], [np.nan, np.nan, 2.5])
        for column in tail.columns.values():
            assert column.dtype == np.float64 and not column.flags.writeable

    def test_junk_is_ignored(self, log: Path) -> None:
        junk = ["", "{", "[]", "null", '{"step": "3"}', '{"step": true}', '{"step": 1e3}', "[" * 100_000, "\x00\xff"]
        _write(log, _line(1, a=1) + "\n".join(junk) + "\n" + f'{{"step": {10**30}}}\n' + _line(2, a=2))
        tail = MetricsTail(log)
        assert tail.poll() and tail.columns["step"].tolist() == [1, 2]

    def test_a_flood_of_names_is_bounded(self, log: Path) -> None:
        _write(log, _line(1, **{f"n{index}": index for index in range(10 * MAX_COLUMNS)}))
        tail = MetricsTail(log)
        tail.poll()
        assert len(tail.columns) == MAX_COLUMNS

    def test_a_resumed_run_that_cuts_its_log(self, log: Path) -> None:
        writer = MetricsLog(log, 0)
        for step in range(1, 11):
            writer.append({"step": step, "sitting": 1})
        tail = MetricsTail(log)
        tail.poll()
        before = tail.columns["sitting"]
        MetricsLog(log, 4).append({"step": 5, "sitting": 2})
        assert tail.poll()
        assert tail.columns["step"].tolist() == [1, 2, 3, 4, 5]
        assert tail.columns["sitting"].tolist() == [1, 1, 1, 1, 2]
        assert before.tolist() == [1] * 10

    def test_a_log_that_goes_back_without_being_cut(self, log: Path) -> None:
        _write(log, "".join(_line(step, sitting=1) for step in (1, 3, 5, 7)))
        tail = MetricsTail(log)
        tail.poll()
        before = tail.columns["sitting"]
        _write(log, _line(4, sitting=2) + _line(6, sitting=2))
        assert tail.poll()
        assert tail.columns["step"].tolist() == [1, 3, 4, 6]
        assert tail.columns["sitting"].tolist() == [1, 1, 2, 2]
        assert before.tolist() == [1, 1, 1, 1]

    def test_a_copy_that_is_overwritten_in_place(self, log: Path) -> None:
        _write(log, _line(1, a=1) + _line(2, a=1))
        tail = MetricsTail(log)
        tail.poll()
        with open(log, "r+") as file:  # as rsync --inplace and some network drives do
            file.write(_line(1, a=3) + _line(2, a=3) + _line(3, a=3))
        assert tail.poll() and tail.columns["a"].tolist() == [3, 3, 3]

    def test_a_log_that_vanishes_and_comes_back(self, log: Path) -> None:
        _write(log, _line(1, a=1))
        tail = MetricsTail(log)
        tail.poll()
        log.unlink()
        assert tail.poll() and len(tail.columns["step"]) == 0
        assert not tail.poll()
        _write(log, _line(2, a=2))
        assert tail.poll() and tail.columns["step"].tolist() == [2]

    def test_many_rows_over_many_polls(self, log: Path) -> None:
        tail = MetricsTail(log)
        for start in range(0, 5000, 700):
            _write(log, "".join(_line(step, double=2 * step) for step in range(start, start + 700)))
            assert tail.poll()
        steps = np.arange(5600)
        np.testing.assert_array_equal(tail.columns["step"], steps)
        np.testing.assert_array_equal(tail.columns["double"], 2 * steps)


class TestRuns:
    def test_a_snapshot(self, run: Path) -> None:
        RunDirectory(run).write_status("running", 1000, "", 2000, NOW)
        (run / "checkpoints" / "step-00000700.safetensors.part").touch()
        (run / "checkpoints" / "notes.safetensors").touch()
        (run / "samples" / ".step-00000700.png").touch()
        snapshot = read_run(run)
        assert snapshot.run == snapshot.config.run and snapshot.config.data["name"] == "people"
        assert [file.step for file in snapshot.checkpoints] == [0, 500, 1000]
        assert snapshot.samples[-1].path == run / "samples" / "step-00001000.png"
        assert (snapshot.status["step"], snapshot.status["steps"], snapshot.status["started"]) == (1000, 2000, NOW)
        assert snapshot.alive and snapshot.life == "alive"

    def test_nine_digits_sort_as_numbers(self, run: Path) -> None:
        (run / "checkpoints" / "step-100000000.safetensors").touch()
        assert [file.step for file in list_steps(run)[0]] == [0, 500, 1000, 10**8]

    def test_a_file_that_was_replaced_is_another(self, run: Path) -> None:
        first, second, _ = list_steps(run)[0]
        assert list_steps(run)[0][:2] == (first, second)
        os.utime(first.path, ns=(1, 1))
        second.path.write_bytes(b"replaced")
        again = list_steps(run)[0]
        assert [file.path for file in again[:2]] == [first.path, second.path]
        assert again[0].stamp == (1, first.stamp[1]) and again[1].stamp[1] == 8
        assert again[0] != first and again[1] != second

    def test_what_is_no_run(self, tmp_path: Path) -> None:
        assert not is_run(tmp_path) and not is_run(tmp_path / "none") and not is_run(Path("\0"))
        assert read_status(tmp_path) == {} and list_steps(tmp_path) == ((), ())
        with pytest.raises(UserError, match=r"config\.json"):
            read_run(tmp_path)

    def test_runs_are_found_in_a_folder_and_as_one(self, run: Path) -> None:
        (run.parent / "other").mkdir()
        (run.parent / "file").touch()
        assert find_runs(run.parent) == find_runs(run) == [run]
        assert find_runs(run.parent / "none") == find_runs(run.parent / "file") == []


class TestLife:
    @pytest.fixture
    def gone(self) -> Iterator[int]:
        """The id of a process that has ended."""
        process = subprocess.Popen([sys.executable, "-c", ""])
        process.wait()
        yield process.pid

    def _status(self, **values: object) -> dict[str, object]:
        return {"state": "running", "pid": os.getpid(), "host": socket.gethostname(), "heartbeat": NOW, **values}

    def test_this_process_and_others(self, gone: int) -> None:
        assert life_of(self._status(), NOW + 10) == "alive"
        assert life_of(self._status(state="paused"), NOW) == "alive"
        assert life_of(self._status(), NOW + 31) == "silent"
        assert life_of(self._status(heartbeat=time.time())) == "alive"
        for state in ("done", "failed", "dancing", None):
            assert life_of(self._status(state=state), NOW) == "ended"
        assert life_of({}, NOW) == "ended"
        if os.name == "posix":
            assert life_of(self._status(pid=gone), NOW) == "dead"

    def test_on_another_computer_only_the_heartbeat_counts(self, gone: int) -> None:
        assert life_of(self._status(host="elsewhere", pid=gone), NOW) == "alive"
        assert life_of(self._status(host="elsewhere", pid=gone), NOW + 31) == "silent"

    @pytest.mark.parametrize("heartbeat", [None, "now", float("nan"), 10**400, -(10**400), NOW + 31])
    def test_a_senseless_heartbeat(self, heartbeat: object) -> None:
        assert life_of(self._status(heartbeat=heartbeat), NOW) == "silent"

    @pytest.mark.parametrize("pid", [None, "1", 0, -1, 10**30, True])
    def test_a_senseless_pid(self, pid: object) -> None:
        assert life_of(self._status(pid=pid), NOW) == "dead"


def test_a_line_without_end_is_passed_over_and_not_read_again(log: Path) -> None:
    tail = MetricsTail(log)
    _write(log, _line(1))
    with open(log, "ab") as file:
        file.write(b"x" * (9 << 20))
    assert tail.poll() and tail.columns["step"].tolist() == [1]
    assert tail._offset == log.stat().st_size
    assert not tail.poll()
    _write(log, "the rest\n" + _line(2))
    assert tail.poll() and tail.columns["step"].tolist() == [1, 2]


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_pipes_in_place_of_files_are_not_waited_for(run: Path) -> None:
    for name in ("status.json", "metrics.jsonl", "checkpoints/step-00002000.safetensors", "samples/step-00002000.png"):
        (run / name).unlink(missing_ok=True)
        os.mkfifo(run / name)
    found = read_run(run)
    assert found.status == {} and found.checkpoints[-1].step == found.samples[-1].step == 1000
    assert not MetricsTail(run / "metrics.jsonl").poll()
