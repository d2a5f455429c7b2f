from __future__ import annotations

import builtins
import errno
import io
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from gan.config import ModelConfig, TrainConfig
from gan.errors import UserError
from gan.files import write_json
from gan.training.breakpoints import is_disk_full
from gan.training.run_directory import RESERVE, MetricsLog, RunConfig, RunDirectory, last_step, read_metrics


def test_config_travels_through_json(tmp_path: Path) -> None:
    parent = {"path": "a.safetensors", "name": "a", "step": 5, "sha256": "0" * 64}
    for origin in (None, parent):
        config = RunConfig.new(ModelConfig(), TrainConfig(), {"name": "people"}, origin)
        write_json(RunDirectory(tmp_path).config_path, config.to_json())
        assert RunDirectory(tmp_path).read_config() == config


def test_a_config_of_an_earlier_version(tmp_path: Path) -> None:
    old = {"run": "r", "created": "", "model": {}, "train": {"steps": 5}, "data": {}}
    write_json(tmp_path / "config.json", old)
    config = RunDirectory(tmp_path).read_config()
    assert (config.train.steps, config.parent) == (5, None)
    write_json(tmp_path / "config.json", {**old, "parent": "junk"})
    assert RunDirectory(tmp_path).read_config().parent is None


def test_two_states_are_kept_and_those_beyond_are_left_alone(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    for step in (0, 5, 10, 15, 20):
        directory.state(step).parent.mkdir(exist_ok=True)
        directory.state(step).touch()
    (tmp_path / "state" / "notes.txt").touch()
    directory.drop_old_states(15)
    assert [path.name for path in directory.states()] == [f"step-{step:08d}.safetensors" for step in (10, 15, 20)]
    assert (tmp_path / "state" / "notes.txt").exists()


def test_the_reserve_is_real_and_goes(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.release_reserve()
    directory.hold_reserve()
    (reserve,) = (tmp_path / "state").iterdir()
    content = reserve.read_bytes()
    assert len(content) == RESERVE and len(set(content)) == 256
    directory.hold_reserve()
    assert reserve.read_bytes() == content and directory.states() == []
    directory.release_reserve()
    assert not reserve.exists()


def test_unfinished_files_of_its_own_go(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    ours = [directory.checkpoint(5), directory.sample(5), directory.state(5), tmp_path / "status.json"]
    others = [directory.control_path, tmp_path / "checkpoints" / "best.safetensors", tmp_path / "notes.txt"]
    for path in (*ours, *others):
        path.parent.mkdir(exist_ok=True)
        path.with_name(f".{path.name}.abcd1234.part").touch()
        path.touch()
    directory.drop_unfinished()
    assert all(path.exists() for path in (*ours, *others))
    left = {path.name for path in tmp_path.rglob("*.part")}
    assert left == {f".{path.name}.abcd1234.part" for path in others}


class TestMetricsLog:
    def test_lines_can_be_read_at_once(self, tmp_path: Path) -> None:
        log = MetricsLog(tmp_path / "m.jsonl", 0)
        for step in (1, 2):
            log.append({"step": step, "penalty": None})
            assert read_metrics(tmp_path / "m.jsonl")[-1] == {"step": step, "penalty": None}

    def test_cut(self, tmp_path: Path) -> None:
        path = tmp_path / "m.jsonl"
        log = MetricsLog(path, 0)
        for step in range(1, 6):
            log.append({"step": step})
        with open(path, "a") as file:
            file.write('{"step": 6, "was')
        log = MetricsLog(path, 4)
        log.append({"step": 5, "again": 1})
        log.cut(2)
        log.append({"step": 3, "again": 2})
        assert [json.loads(line) for line in path.read_text().splitlines()] == [
            {"step": 1},
            {"step": 2},
            {"step": 3, "again": 2},
        ]

    def test_a_log_of_any_length_is_cut_in_flat_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "m.jsonl"
        path.write_bytes(b"".join(b'{"step": %d, "more": "%s"}\n' % (step, b"x" * 990) for step in range(20_000)))
        with open(path, "ab") as file:
            file.truncate(path.stat().st_size + (30 << 20))  # and a line of zeros
        tracemalloc.start()
        log = MetricsLog(path, 15_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8 << 20
        assert [line["step"] for line in log.newest] == [14_996, 14_997, 14_998, 14_999, 15_000]
        assert [line["step"] for line in read_metrics(path)] == list(range(15_001))

    def test_only_a_full_disk_is_a_matter_of_space(self, tmp_path: Path) -> None:
        log = MetricsLog(tmp_path / "m.jsonl", 0)
        (tmp_path / "m.jsonl").mkdir()
        with pytest.raises(UserError, match=r"Is a directory\.$"):
            log.append({"step": 1})

    @pytest.mark.parametrize("written", [None, 7])
    def test_a_full_disk_leaves_no_half_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int | None
    ) -> None:
        path = tmp_path / "m.jsonl"
        log = MetricsLog(path, 0)
        log.append({"step": 1})

        class Full(io.FileIO):
            def write(self, data: Any) -> int:  # part of it fits, or nothing does
                if written is None:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return super().write(bytes(data)[:written])

        with monkeypatch.context() as patch:
            patch.setattr(builtins, "open", lambda path, mode, **options: Full(path, "ab"))
            with pytest.raises(UserError, match="No space left") as caught:
                log.append({"step": 2})
        assert is_disk_full(caught.value)
        log.append({"step": 3})
        assert path.read_text() == '{"step": 1}\n{"step": 3}\n'


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_in_place_of_the_log_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "metrics.jsonl")
    with pytest.raises(UserError, match=r"metrics\.jsonl is no file"):
        MetricsLog(tmp_path / "metrics.jsonl", 0)


def test_the_last_step_is_that_of_log_or_status_whichever_is_later(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    assert last_step(directory) == 0
    directory.write_status("running", 40)
    assert last_step(directory) == 40
    lines = [json.dumps({"step": step, "filler": "x" * 100}) for step in range(1, 1001)]
    directory.metrics_path.write_text("\n".join(lines) + '\n{"step": 99')
    assert last_step(directory) == 1000
    directory.metrics_path.write_text('{"step": "many"}\nnonsense\n[7]\n{"step": 1e400}\n')
    assert last_step(directory) == 40
