from __future__ import annotations

from pathlib import Path

import pytest

from gan.presets import DEFAULT_PRESET
from latent_debugger.state.training_memory import FormMemory, PileMemory


def test_what_was_in_the_form_is_found_again(tmp_path: Path) -> None:
    edited = {"batch": "48", "objective": "dcgan", "flip": True, "image_size": 128}
    memory = FormMemory("~/pictures", "paper-wgan", edited, own_process=False, follow=False)
    memory.save(tmp_path / "form.json")
    assert FormMemory.load(tmp_path / "form.json") == memory
    pile = PileMemory("/pictures/cats")
    pile.save(tmp_path / "pile.json")
    assert PileMemory.load(tmp_path / "pile.json") == pile


@pytest.mark.parametrize(
    "value",
    [
        None, [], 7, {}, {"data": 7, "preset": "unheard of", "edited": []}, {"data": "a\0b", "preset": None},
        {"edited": {"batch": 48, "objective": "magic", "flip": 1, "image_size": 77, "nonsense": "1"}},
        {"edited": {"steps": "x" * 5000}},
    ],
)  # fmt: skip
def test_what_makes_no_sense_gets_a_default(value: object) -> None:
    assert FormMemory.from_json(value) == FormMemory()
    assert FormMemory().preset == DEFAULT_PRESET


@pytest.mark.parametrize("value", [None, [], {"source": 7}, {"source": "x" * 5000}, {"source": "a\0"}])
def test_a_damaged_pile_is_none(value: object) -> None:
    assert PileMemory.from_json(value) == PileMemory("")
