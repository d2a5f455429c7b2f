from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.errors import UserError
from latent_debugger.services.models import load_model
from latent_debugger.services.projection import read_target
from latent_debugger.state.model import OpenModel


@pytest.fixture
def model(checkpoint: Path) -> OpenModel:
    """Its pictures are 32 pixels wide and in colour."""
    return load_model(checkpoint, "cpu").model


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Red on the left, blue on the right, half transparent below."""
    picture = np.zeros((40, 80, 4), np.uint8)
    picture[:, :40, 0], picture[:, 40:, 2], picture[..., 3] = 255, 255, 255
    picture[20:, :, 3] = 0
    Image.fromarray(picture).save(tmp_path / "wide.png")
    return tmp_path / "wide.png"


def test_a_picture_is_seen_as_in_training(model: OpenModel, wide: Path) -> None:
    for framing, corner in (("crop", (255, 0, 0)), ("fit", (255, 0, 0)), ("pad", (255, 255, 255))):
        image = read_target(wide, model, framing)  # type: ignore[arg-type]
        assert image.shape == (32, 32, 3) and image.dtype == np.uint8
        assert tuple(image[0, 0]) == corner
        assert (image[-1] == 255).all()  # transparency on the ground
    assert np.array_equal(read_target(wide, model, "run"), read_target(wide, model, "crop"))


def test_it_has_the_models_channels(model: OpenModel, wide: Path) -> None:
    assert read_target(wide, replace(model, channels=1), "crop").shape == (32, 32, 1)
    with_alpha = read_target(wide, replace(model, channels=4), "crop")
    assert with_alpha.shape == (32, 32, 4) and (with_alpha[..., 3] == 255).all()


def test_what_is_no_picture_is_refused(model: OpenModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    Image.new("RGB", (4, 4)).save(tmp_path / "tiny.png")
    Image.new("L", (400, 400)).save(tmp_path / "bomb.png")
    cases: list[tuple[Path, str]] = [
        (write("text.png", b"no picture"), "damaged, or no picture"),
        (write("empty.png", b""), "empty"),
        (tmp_path / "gone.png", "no such file"),
        (tmp_path, "no ordinary file"),
        (tmp_path / "tiny.png", "tiny"),
    ]
    for path, reason in cases:
        with pytest.raises(UserError, match=reason):
            read_target(path, model, "run")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(UserError, match="far too many pixels"):
        read_target(tmp_path / "bomb.png", model, "run")


def test_names_may_be_odd(model: OpenModel, wide: Path, make_checkpoint: Callable[..., Path]) -> None:
    for name in ("a.zip", "100 %.png", "ä b.jpeg", "x.npy.png"):
        odd = wide.with_name(name)
        odd.write_bytes(wide.read_bytes())
        assert read_target(odd, model, "crop").shape == (32, 32, 3)
