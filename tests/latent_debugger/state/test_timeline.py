"""A run's checkpoints in order, and a watch list that survives any file."""

from __future__ import annotations

from pathlib import Path

import pytest

from latent_debugger.state.timeline import MAX_PINNED, Reel, Stage, TimelineSettings, TimelineState


def reel(*steps: int) -> Reel:
    return Reel(Path("run"), "uuid", tuple(Stage(step, Path(f"{step}")) for step in steps))


def test_steps_are_found() -> None:
    film = reel(0, 500, 1500)
    assert [film.row_of(step) for step in (0, 500, 1500, 499, 501, 2000, -1)] == [0, 1, 2, -1, -1, -1, -1]
    assert [film.nearest(step) for step in (-5, 0, 499, 500, 1400, 99999)] == [0, 0, 0, 1, 1, 2]
    assert film.newest == film.stages[2]
    assert reel().newest is None and reel().nearest(5) == reel().row_of(0) == -1
    sheets = Reel(Path("run"), "uuid", (), (Stage(7, Path("7.png")),))
    assert sheets.sample(7) == Stage(7, Path("7.png")) and sheets.sample(8) is None


def test_pins_are_put_on_and_taken_off() -> None:
    state, seen = TimelineState(), []
    state.changed.connect(seen.append)
    assert state.toggle_pins(("a", "b", "a"))
    assert state.pinned == ("a", "b")
    assert state.toggle_pins(("b", "c")), "some are new: all are on the list then"
    assert state.pinned == ("a", "b", "c")
    assert state.toggle_pins(("c", "a"))
    assert state.pinned == ("b",)
    state.forget_pins(("b", "x"))
    assert len(seen) == 3, "nothing changed"
    state.forget_pins(())
    assert state.pinned == () and seen[-1] == state.settings


def test_the_watch_list_is_short() -> None:
    state = TimelineState()
    assert state.toggle_pins(str(k) for k in range(MAX_PINNED))
    assert not state.toggle_pins(("one more",))
    assert len(state.pinned) == MAX_PINNED
    assert state.toggle_pins(("0", "1"))
    assert state.toggle_pins(("one more",))


def test_follow_is_announced_once() -> None:
    state, seen = TimelineState(), []
    state.changed.connect(seen.append)
    state.set_follow(True)
    state.set_follow(True)
    assert [settings.follow for settings in seen] == [True] and state.follow


def test_settings_come_back_from_disk(tmp_path: Path) -> None:
    settings = TimelineSettings(True, ("a", "b"))
    settings.save(tmp_path / "timeline.json")
    assert TimelineSettings.load(tmp_path / "timeline.json") == settings
    assert TimelineSettings.load(tmp_path / "missing.json") == TimelineSettings()


@pytest.mark.parametrize(
    "value",
    [None, 3, [], {"follow": 1, "pinned": "ab"}, {"pinned": [1, None, {}]}, {"follow": "yes", "pinned": {"a": 1}}],
)
def test_nonsense_is_nothing(value: object) -> None:
    assert TimelineSettings.from_json(value) == TimelineSettings()


def test_far_too_many_pins_are_cut() -> None:
    assert len(TimelineSettings.from_json({"pinned": [str(k) for k in range(1000)]}).pinned) == MAX_PINNED


def test_nobody_is_told_twice_that_a_run_has_gone_on(tmp_path: Path) -> None:
    state = TimelineState()
    assert not state.has_told("run-a", 500)
    state.set_told("run-a", 500)
    assert state.has_told("run-a", 500) and state.has_told("run-a", 400)
    assert not state.has_told("run-a", 501) and not state.has_told("run-b", 500)
    state.settings.save(tmp_path / "timeline.json")
    assert TimelineSettings.load(tmp_path / "timeline.json") == state.settings
    assert TimelineSettings.from_json({"told_run": 7, "told_step": "many"}) == TimelineSettings()
    assert TimelineSettings.from_json({"told_step": 10**30}) == TimelineSettings()
