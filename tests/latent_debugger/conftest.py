"""The model that state and views are tested with."""

from __future__ import annotations

from pathlib import Path

import pytest

from latent_debugger.state.model import OpenModel


@pytest.fixture(scope="session")
def model() -> OpenModel:
    """A model of five dimensions that has a run."""
    return OpenModel(
        path=Path("people64/step-00000007.safetensors"),
        name="people64",
        dim=5,
        space="z",
        image_size=64,
        channels=3,
        step=7,
        run="run-a",
        sha256="a" * 64,
        device="cpu",
        objective="wgan-gp",
    )
