"""Ranks in words, and settings that survive anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from latent_debugger.state.critic import CriticSettings, CriticState, Scale, short, told


def test_ranks_are_counted_with_ties_half() -> None:
    scale = Scale(np.array([3, 1, 2, 2], np.float32), np.array([5, 5], np.float32))
    assert [scale.among_fakes(score) for score in (0, 1, 2, 3, 4)] == [0, 12.5, 50, 87.5, 100]
    assert scale.among_reals(5.0) == 50
    assert Scale(np.ones(1, np.float32)).among_reals(1.0) is None
    assert Scale(np.ones(1, np.float32), np.empty(0, np.float32)).among_reals(1.0) is None


def test_bins_cover_both_and_shares_add_up() -> None:
    rng = np.random.default_rng(0)
    bins = Scale(rng.normal(size=300).astype(np.float32), rng.normal(3, 1, 100).astype(np.float32)).bins(20)
    assert bins.reals is not None and len(bins.edges) == 21
    assert bins.fakes.sum() == pytest.approx(1) and bins.reals.sum() == pytest.approx(1)
    assert bins.fakes[:10].sum() > 0.8 and bins.reals[10:].sum() > 0.8
    assert (bins.place(-100.0), bins.place(100.0)) == (0.0, 1.0)
    assert bins.place(float(bins.edges[10])) == pytest.approx(0.5)


def test_scores_that_are_all_the_same_still_have_bins() -> None:
    bins = Scale(np.full(5, 7, np.float32)).bins(4)
    assert bins.fakes.sum() == pytest.approx(1) and bins.place(7.0) == pytest.approx(0.5)


def test_a_rank_is_never_rounded_to_all_or_nothing() -> None:
    assert [short(share) for share in (0, 0.2, 49.6, 99.9, 100)] == ["0 %", "1 %", "50 %", "99 %", "100 %"]
    assert told(83.2, 512, "random pictures") == "more than 83 % of 512 random pictures"
    assert told(100.0, 1512, "pictures") == "more than all of 1,512 pictures"
    assert told(0.0, 512, "pictures") == "less than any of 512 pictures"


@pytest.mark.parametrize("values", [None, [], {"best_of": 1}, {"best_of": 257}, {"best_of": True}, {"steps": "9"}])
def test_damaged_settings_get_their_defaults(values: object) -> None:
    assert CriticSettings.from_json(values) == CriticSettings()


def test_settings_survive_a_file(tmp_path: Path) -> None:
    settings = CriticSettings(best_of=64, steps=100, choose_neighbours=True, sort_neighbours=True)
    settings.save(tmp_path / "critic.json")
    assert CriticSettings.load(tmp_path / "critic.json") == settings


def test_state_announces_changes_once(qapp: QApplication) -> None:
    state, seen = CriticState(), []
    state.changed.connect(lambda: seen.append("settings"))
    state.available_changed.connect(lambda: seen.append(state.reason))
    state.change(best_of=8)
    state.change(best_of=8)
    state.set_available(False, "none")
    state.set_available(False, "none")
    state.set_available(True)
    assert seen == ["settings", "none", ""]
    assert state.available and state.settings.best_of == 8
