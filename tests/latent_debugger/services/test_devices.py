from __future__ import annotations

import pytest
import torch

from gan.rendering import choose_device
from latent_debugger.services.devices import available_devices
from latent_debugger.state.settings import Settings


def test_each_can_be_chosen_and_remembered() -> None:
    for name in available_devices():
        assert choose_device(name)
        assert Settings.from_json({"device": name}).device == name


@pytest.mark.parametrize(
    ("cards", "mps", "expected"),
    [
        (0, False, ("auto", "cpu")),
        (1, False, ("auto", "cpu", "cuda")),
        (2, False, ("auto", "cpu", "cuda:0", "cuda:1")),
        (0, True, ("auto", "cpu", "mps")),
    ],
)
def test_what_is_present_is_offered(
    monkeypatch: pytest.MonkeyPatch, cards: int, mps: bool, expected: tuple[str, ...]
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert available_devices() == expected
