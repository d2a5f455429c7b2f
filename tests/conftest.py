"""Offscreen Qt and a private home for every test."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pytest
import torch  # before PySide6: see docs/adr (Windows loads c10.dll only in this order)

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's own library."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LATENT_DEBUGGER_HOME", str(home))
    return home
