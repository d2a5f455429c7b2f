"""Settings that survive any file, and figures that are put into words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from latent_debugger.state.sensitivity import Figures, SensitivitySettings, SensitivityState


def test_settings_come_back(tmp_path: Path) -> None:
    settings = SensitivitySettings(show=True, heat_map=False, previews=False)
    settings.save(tmp_path / "s.json")
    assert SensitivitySettings.load(tmp_path / "s.json") == settings
    assert SensitivitySettings.load(tmp_path / "missing.json") == SensitivitySettings()


@pytest.mark.parametrize("value", [None, [], {"show": 1, "heat_map": None, "previews": "no"}, {"show": "yes"}])
def test_what_does_not_fit_gets_its_default(value: object) -> None:
    assert SensitivitySettings.from_json(value) == SensitivitySettings(show=False, heat_map=True, previews=True)


def test_each_change_is_told_once() -> None:
    state, told = SensitivityState(), []
    state.changed.connect(told.append)
    for _ in range(2):
        state.set_show(True)
        state.set_heat_map(False)
        state.set_previews(False)
    assert told == [
        SensitivitySettings(show=True),
        SensitivitySettings(show=True, heat_map=False),
        SensitivitySettings(show=True, heat_map=False, previews=False),
    ]


def figures(*norms: float, dead: tuple[bool, ...] = (), exact: bool = True) -> Figures:
    return Figures(np.array(norms, np.float32), np.array(dead or [False] * len(norms), np.bool_), exact)


def test_shares_are_of_the_strongest() -> None:
    assert figures(1, 4, 0, np.nan).shares() == [0.25, 1.0, 0.0, 0.0]
    assert figures(0, 0).shares() == [0.0, 0.0]
    assert figures(np.nan).shares() == [0.0] and figures().shares() == []


def test_a_dimension_in_words() -> None:
    found = figures(1, 4, 0, np.nan, dead=(False, False, True, False))
    assert found.words(0) == "moves this picture by 1 per unit, 25% of the strongest"
    assert found.words(2) == "changes no picture"
    assert found.words(3) == "is being measured"
    assert figures(0, dead=(True,), exact=False).words(0) == "changed no picture that was tried"
