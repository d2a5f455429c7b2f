from __future__ import annotations

from pathlib import Path

import pytest

from latent_debugger.state.runs import KnownRuns, RunEntry, RunList

RUN = RunEntry(Path("/runs/people"), "uuid", "running", "alive", 1200, 20_000)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "running · 1,200 of 20,000"),
        ({"state": "paused"}, "paused · 1,200 of 20,000"),
        ({"life": "dead"}, "interrupted · 1,200 of 20,000"),
        ({"life": "silent"}, "no sign of life · 1,200 of 20,000"),
        ({"state": "done", "life": "ended"}, "stopped · 1,200 of 20,000"),
        ({"state": "done", "life": "ended", "step": 20_000}, "done · 20,000 of 20,000"),
        ({"state": "failed", "life": "ended"}, "failed · 1,200 of 20,000"),
        ({"state": "", "life": "ended", "step": 0}, "not begun · 0 of 20,000"),
        ({"state": "starting", "run": "", "life": "ended"}, "starting · 1,200 of 20,000"),
        ({"run": "", "state": "", "steps": 0}, "not readable"),
    ],
)
def test_a_run_says_how_it_is(changes: dict[str, object], told: str) -> None:
    assert RunEntry(**{**vars(RUN), **changes}).told() == told  # type: ignore[arg-type]


def test_known_runs_remember_the_latest_first_and_what_was_hidden() -> None:
    known = KnownRuns().with_run(Path("/a")).with_run(Path("/b"), ours=True).with_run(Path("/a"))
    assert known.paths == ("/a", "/b") and known.ours == ("/b",)
    gone = known.without(Path("/b"))
    assert gone.paths == ("/a",) and gone.ours == () and gone.hidden == ("/b",)
    assert gone.with_run(Path("/b")).hidden == ()


def test_known_runs_survive_their_file(tmp_path: Path) -> None:
    known = KnownRuns(("/a", "/b"), ("/b",), ("/c",))
    known.save(tmp_path / "runs.json")
    assert KnownRuns.load(tmp_path / "runs.json") == known
    assert KnownRuns.load(tmp_path / "missing.json") == KnownRuns()


@pytest.mark.parametrize("value", [None, [], {"paths": "x"}, {"paths": [1, "\0", "", "/a", "/a"], "ours": {}}, "text"])
def test_nonsense_in_the_file_is_left_out(value: object) -> None:
    assert KnownRuns.from_json(value).paths in ((), ("/a",))


def test_the_list_tells_changes_and_only_those() -> None:
    runs, told = RunList(), []
    runs.changed.connect(lambda: told.append(runs.entries))
    runs.put(RUN)
    runs.put(RUN)
    other = RunEntry(Path("/runs/cats"))
    runs.put(other)
    later = RunEntry(**{**vars(RUN), "step": 1300})
    runs.put(later)
    assert told == [(RUN,), (other, RUN), (other, later)]
    assert runs.find(RUN.path) == later and runs.find(None) is None
