"""What import-linter cannot say: submodules of PySide6, and what start-up must not load."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("latent_debugger.state.session", ("PySide6.QtWidgets", "torch")),
        ("latent_debugger.state.editor", ("PySide6.QtWidgets", "torch")),
        ("latent_debugger.application", ("PySide6", "torch")),  # torch must come before Qt, and both after the checks
        ("gan.cli", ("PySide6", "torch")),
        ("gan.latent.neighbours", ("torch",)),
        ("gan.rendering", ("PySide6",)),
    ],
)
def test_importing_a_module_does_not_load(module: str, unwanted: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {unwanted!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
