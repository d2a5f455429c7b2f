from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.checkpoints import load_checkpoint, read_info
from gan.errors import UserError
from gan.files import sha256_of
from gan.latent.vectors import load_vectors
from gan.rendering import open_renderer
from gan.training import runner as runs
from gan.training.run_directory import RunDirectory
from gan.training.runner import Report

from .conftest import MODEL, TRAIN


def _quiet(report: Report) -> None:
    """Nobody watches."""


@pytest.fixture
def parent(data: Path, tmp_path: Path) -> Path:
    """The newest checkpoint of an earlier run."""
    runs.start(data, tmp_path / "parent", MODEL, TRAIN).run(_quiet)
    return RunDirectory(tmp_path / "parent").checkpoint(6)


def test_a_child_begins_where_its_parent_is(data: Path, tmp_path: Path, parent: Path) -> None:
    out = tmp_path / "child"
    assert runs.start(data, out, MODEL, replace(TRAIN, steps=2, seed=5), parent).run(_quiet) == 2
    directory = RunDirectory(out)
    latents = load_vectors(directory.preview_z_path)
    first, theirs = (open_renderer(path, "cpu").raw(latents) for path in (directory.checkpoint(0), parent))
    assert np.array_equal(first, theirs)
    mine, old = (load_checkpoint(path, with_critic=True).critic for path in (directory.checkpoint(0), parent))
    assert mine is not None and old is not None
    assert all(torch.equal(a, b) for a, b in zip(mine.parameters(), old.parameters(), strict=True))
    assert not np.array_equal(open_renderer(directory.checkpoint(2), "cpu").raw(latents), theirs)
    for step in (0, 2):
        info = read_info(directory.checkpoint(step))
        assert (info.parent, info.step) == (sha256_of(parent), step)
        assert info.run == directory.read_config().run != read_info(parent).run
    origin = {"path": str(parent), "name": "parent", "step": 6, "sha256": sha256_of(parent)}
    assert directory.read_config().parent == origin


def test_a_run_directory_stands_for_its_newest_checkpoint(data: Path, tmp_path: Path, parent: Path) -> None:
    runner = runs.start(data, tmp_path / "child", MODEL, TRAIN, tmp_path / "parent")
    assert runner.config.parent is not None and runner.config.parent["sha256"] == sha256_of(parent)


def test_another_critic_begins_anew(data: Path, tmp_path: Path, parent: Path) -> None:
    model = replace(MODEL, norm="none")
    runner = runs.start(data, tmp_path / "child", model, TRAIN, parent)
    fresh = runs.start(data, tmp_path / "fresh", model, TRAIN).trainer
    mine = runner.trainer
    assert all(torch.equal(a, b) for a, b in zip(mine.critic.parameters(), fresh.critic.parameters(), strict=True))
    assert not torch.equal(next(mine.generator.parameters()), next(fresh.generator.parameters()))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"z_dim": 12}, "8 latent dimensions.*asks for 12"),
        ({"width": 3}, "4 feature maps.*asks for 3"),
        ({"upsampling": "resize"}, "upsampling transposed.*asks for resize"),
    ],
)
def test_another_architecture_is_refused_in_one_sentence(
    data: Path, tmp_path: Path, parent: Path, change: dict[str, object], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        runs.start(data, tmp_path / "child", replace(MODEL, **change), TRAIN, parent)  # type: ignore[arg-type]
    assert not (tmp_path / "child").exists()


def test_what_another_project_trained_is_refused(data: Path, tmp_path: Path) -> None:
    main = torch.nn.Sequential(torch.nn.ConvTranspose2d(8, 3, 4, 1, 0, bias=False))
    torch.save({f"main.{name}": tensor for name, tensor in main.state_dict().items()}, tmp_path / "netG.pth")
    with pytest.raises(UserError, match="is another project's model"):
        runs.start(data, tmp_path / "child", MODEL, TRAIN, tmp_path / "netG.pth")
    assert not (tmp_path / "child").exists()


def test_a_child_that_was_killed_before_its_first_state(data: Path, tmp_path: Path, parent: Path) -> None:
    out = tmp_path / "child"
    whole = runs.start(data, out, MODEL, TRAIN, parent).trainer  # and then never runs
    resumed = runs.resume(out).trainer
    for a, b in zip(whole.generator.parameters(), resumed.generator.parameters(), strict=True):
        assert torch.equal(a, b)
    parent.write_bytes(RunDirectory(tmp_path / "parent").checkpoint(3).read_bytes())
    with pytest.raises(UserError, match="not the checkpoint"):
        runs.resume(out)
    parent.unlink()
    with pytest.raises(UserError, match="cannot be opened"):
        runs.resume(out)
