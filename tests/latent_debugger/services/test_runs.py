from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gan.config import ModelConfig, TrainConfig
from gan.errors import UserError
from gan.files import write_json
from gan.training.run_directory import RunConfig, RunDirectory
from latent_debugger.services.runs import RunsService
from latent_debugger.state.runs import KnownRuns, RunEntry, known_runs_path, runs_folder


@pytest.fixture
def service(qtbot: QtBot) -> Iterator[RunsService]:
    made = RunsService(synchronous=True)
    yield made
    made.stop()


def make_run(path: Path, state: str = "done", step: int = 3) -> Path:
    directory = RunDirectory(path)
    config = RunConfig.new(ModelConfig(), TrainConfig(steps=9, objective="wgan"), {"path": "x"})
    write_json(directory.config_path, config.to_json())
    directory.write_status(state, step, "why")  # type: ignore[arg-type]
    return path


def listed(service: RunsService) -> list[RunEntry]:
    found: list[tuple[RunEntry, ...]] = []
    service.listed.connect(found.append)
    service.look()
    service.listed.disconnect(found.append)
    return list(found[-1])


def test_runs_are_those_remembered_and_those_in_the_folder_working_ones_first(
    service: RunsService, tmp_path: Path
) -> None:
    make_run(runs_folder() / "a")
    make_run(runs_folder() / "b", "running")
    service.add(make_run(tmp_path / "c"))
    entries = listed(service)
    assert [entry.name for entry in entries] == ["b", "c", "a"]
    assert [entry.alive for entry in entries] == [True, False, False]
    assert entries[2].step == 3 and entries[2].steps == 9 and entries[2].message == "why"
    assert entries[2].objective == "wgan" and not entries[2].ours


def test_what_is_no_run_is_refused(service: RunsService, tmp_path: Path) -> None:
    told: list[UserError] = []
    service.failed.connect(told.append)
    service.add(tmp_path)
    assert "no run directory" in str(told[0]) and listed(service) == []


def test_a_run_that_begins_is_listed_before_there_is_anything(service: RunsService, tmp_path: Path) -> None:
    service.add(tmp_path / "new", ours=True, begun=True)
    (entry,) = listed(service)
    assert entry.path == tmp_path / "new" and entry.ours and not entry.run
    make_run(tmp_path / "new")
    assert listed(service)[0].run


def test_a_removed_run_stays_away_even_from_the_folder(service: RunsService, tmp_path: Path) -> None:
    run = make_run(runs_folder() / "a")
    service.remove(run)
    assert listed(service) == [] and RunDirectory(run).config_path.exists()
    service.add(run)
    assert [entry.path for entry in listed(service)] == [run]


def test_a_damaged_run_says_so(service: RunsService, tmp_path: Path) -> None:
    run = make_run(tmp_path / "a")
    service.add(run)
    RunDirectory(run).config_path.write_text("{")
    (entry,) = listed(service)
    assert entry.told() == "not readable" and "not valid JSON" in entry.message


def test_two_windows_do_not_forget_each_others_runs(service: RunsService, tmp_path: Path, qtbot: QtBot) -> None:
    other = RunsService(synchronous=True)
    service.add(make_run(tmp_path / "a"))
    other.add(make_run(tmp_path / "b"))
    service.add(make_run(tmp_path / "c"))
    other.stop()
    assert [Path(text).name for text in KnownRuns.load(known_runs_path()).paths] == ["c", "b", "a"]


def test_it_works_off_the_gui_thread(qtbot: QtBot, tmp_path: Path) -> None:
    service = RunsService()
    with qtbot.waitSignal(service.listed, timeout=20_000):
        service.add(make_run(tmp_path / "a"))
    service.stop()


@pytest.mark.parametrize(
    ("status", "step", "message"),
    [
        ({"state": "done", "step": 10**4000, "message": "a\n <b>line</b>"}, 0, "a <b>line</b>"),
        ({"state": ["done"], "step": "many", "message": {"a": 1}}, 0, ""),
        ({"state": "failed", "step": 5, "message": "long " * 100_000}, 5, "long " * 120 + "…"),
    ],
    ids=["huge", "types", "long"],
)
def test_a_hostile_status_makes_a_bearable_line(
    service: RunsService, status: dict[str, object], step: int, message: str
) -> None:
    path = make_run(runs_folder() / "hostile")
    write_json(path / "status.json", status)
    (entry,) = listed(service)
    assert (entry.step, entry.message) == (step, message)
    assert entry.steps == 9 and "9" in entry.told()


def test_a_run_says_what_is_trained_on_what(service: RunsService, tmp_path: Path) -> None:
    run = RunDirectory(make_run(runs_folder() / "a"))
    model = ModelConfig(image_size=32, z_dim=1, channels=1)
    about = {"path": "x", "name": "cats\nand\x00 dogs" + "!" * 500, "count": 4000}
    config = RunConfig.new(model, TrainConfig(), about, {"name": "people64"})
    write_json(run.config_path, config.to_json())
    run.write_status("running", 5, note="Continued from step 3; 2 updates made since then were lost.")
    (entry,) = listed(service)
    told = entry.about.split(" · ")
    assert told[:3] == ["WGAN-GP", "32 px, grey", "1 latent dimension"] and told[4] == "begun with people64"
    assert told[3].startswith("cats and") and told[3].endswith("… (4,000 pictures)") and len(told[3]) < 90
    assert entry.note.startswith("Continued from step 3")
    write_json(run.config_path, {**config.to_json(), "data": {"count": "many"}, "parent": None})
    assert listed(service)[0].about.endswith(" · pictures")


def test_a_damaged_list_is_set_aside_and_told(service: RunsService, tmp_path: Path) -> None:
    known_runs_path().parent.mkdir(parents=True, exist_ok=True)
    known_runs_path().write_text('{"paths": [')
    told: list[UserError] = []
    service.failed.connect(told.append)
    service.add(make_run(tmp_path / "a"))
    assert [entry.name for entry in listed(service)] == ["a"]
    assert len(told) == 1 and "was damaged and begins anew" in str(told[0])
    assert len(list(known_runs_path().parent.glob("runs*"))) == 2
