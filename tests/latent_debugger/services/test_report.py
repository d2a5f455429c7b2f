from __future__ import annotations

import platform
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from latent_debugger.log import FILE_NAME
from latent_debugger.services.report import LOG_LINES, build_report, redact
from latent_debugger.state.model import OpenModel

MODEL = OpenModel(
    path=Path("/home/ann/private/people64.safetensors"), name="people64", dim=12, space="z", image_size=64, channels=3,
    step=20000, run=None, sha256="0" * 64, device="cpu", objective="wgan-gp",
)  # fmt: skip


def test_it_names_versions_device_model_and_the_end_of_the_log(tmp_path: Path) -> None:
    lines = [f"line {n} /home/ann/holiday {n}/beach.png cannot be opened\n" for n in range(1000)]
    (tmp_path / FILE_NAME).write_text("".join(lines), encoding="utf-8")
    text = build_report(tmp_path, MODEL, {"Screen": "1400 × 900, scale 1.5"})
    for part in (platform.python_version(), torch.__version__, "PySide6", "1400 × 900, scale 1.5", "on cpu"):
        assert part in text
    assert "people64.safetensors, wgan-gp, step 20000, 64 px, 12 dimensions" in text
    assert "line 999 …/beach.png cannot be opened" in text and text.count("beach.png") == LOG_LINES
    assert "/ann" not in text and "holiday" not in text


def test_without_model_and_log(tmp_path: Path) -> None:
    text = build_report(tmp_path, None, {})
    assert "Model" in text and "none" in text and "The log is empty." in text
    assert "unknown objective" in build_report(tmp_path, replace(MODEL, objective=""), {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/ann/My pictures/a b.png cannot be opened: No.", "…/a b.png cannot be opened: No."),
        (r"C:\Users\ann\My pictures\b.png is damaged", "…/b.png is damaged"),
        ("~/secret/x.npy", "…/x.npy"),
        ("secret/deeper/x.npy", "…/x.npy"),
        ("model 0.9 ms / frame 4 ms", "model 0.9 ms / frame 4 ms"),
        ('File "/home/ann/py/site-packages/torch/nn/m.py", line 3', 'File "site-packages/torch/nn/m.py", line 3'),
        (
            'File "/home/ann/x/latent_debugger/views/canvas.py", line 5',
            'File "latent_debugger/views/canvas.py", line 5',
        ),
        ("/home/ann/latent_debugger/private/x.png", "…/x.png"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_paths_are_cut_to_names(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected


def test_a_url_of_a_file_hides_it_too() -> None:
    assert redact("file:///home/ann/q.png") == "file://…/q.png"
