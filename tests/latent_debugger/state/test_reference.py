from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from latent_debugger.state.model import OpenModel
from latent_debugger.state.reference import MOST, Place, ReferencePictures, ReferencePlaces, ReferenceState


def test_a_place_is_remembered_for_the_run_or_else_for_the_file(model: OpenModel, tmp_path: Path) -> None:
    lonely = replace(model, run=None, sha256="b" * 64)
    places = ReferencePlaces().with_place(model, Place(Path("/a"))).with_place(lonely, Place(Path("/b"), "pad", "#000"))
    places = places.with_place(model, Place(Path("/c")))
    places.save(tmp_path / "reference.json")
    again = ReferencePlaces.load(tmp_path / "reference.json")
    assert again == places and len(again.places) == 2
    assert again.get(replace(model, step=9, sha256="c" * 64)) == Place(Path("/c"))
    assert again.get(lonely) == Place(Path("/b"), "pad", "#000")
    assert again.get(replace(model, run="another")) is None


@pytest.mark.parametrize(
    "value", [None, 3, {}, {"places": []}, {"places": {"a": 1, "b": {"path": 2}, "c": {"path": ""}}}]
)
def test_nonsense_is_nothing(value: object) -> None:
    assert ReferencePlaces.from_json(value) == ReferencePlaces()


def test_what_is_odd_of_a_place_gets_its_default(model: OpenModel) -> None:
    found = ReferencePlaces.from_json({"places": {model.run: {"path": "/a", "framing": "bend", "ground": 7}}})
    assert found.get(model) == Place(Path("/a"))


def test_only_so_many_are_remembered(model: OpenModel) -> None:
    places = ReferencePlaces(tuple((str(i), Place(Path("/a"))) for i in range(MOST)))
    places = places.with_place(model, Place(Path("/new")))
    assert len(places.places) == MOST and places.get(model) is not None
    assert places.get(replace(model, run="0")) is None and places.get(replace(model, run="1")) is not None


def test_changes_are_told_once(qtbot: QtBot) -> None:
    state, told = ReferenceState(), []
    state.changed.connect(lambda: told.append(state.stage))
    pictures = ReferencePictures(Place(Path("/a")), "a", np.zeros((2, 4, 4, 3), np.uint8), "0", True)
    state.set_none()
    state.set_looking()
    state.set_looking()
    state.set_ready(pictures)
    assert state.pictures is pictures and len(state.pictures) == 2
    state.set_none("Gone.")
    assert told == ["looking", "ready", "none"]
    assert state.pictures is None and state.trouble == "Gone."
