from __future__ import annotations

from pathlib import Path

import pytest
import torch

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.models import build_generator
from gan.training.retention import drop_superfluous, superfluous
from gan.training.run_directory import RunDirectory
from gan.training.run_reader import list_steps

from .conftest import MODEL

STEPS = (0, 500, 1000, 1500, 2000, 2500, 2599)


@pytest.mark.parametrize(
    ("keep", "milestones", "kept"),
    [
        (0, 0, STEPS),
        (0, 1000, STEPS),
        (1, 0, (0, 2599)),
        (2, 0, (0, 2500, 2599)),
        (2, 1000, (0, 1000, 2000, 2500, 2599)),
        (99, 0, STEPS),
        (1, 1, STEPS),
    ],
)
def test_the_last_ones_milestones_and_step_0_stay(keep: int, milestones: int, kept: tuple[int, ...]) -> None:
    gone = superfluous(reversed(STEPS), 2599, keep, milestones)
    assert gone == sorted(set(STEPS) - set(kept))


def test_what_is_left_from_before_a_run_went_back_is_not_counted() -> None:
    assert superfluous(STEPS, 1000, 1, 0) == [500]
    assert superfluous(STEPS, 1200, 2, 0) == []


def test_sheets_go_with_their_checkpoints_and_others_files_stay(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    with torch.random.fork_rng(devices=[]):
        generator = build_generator(MODEL)
    for step, run in ((0, "ours"), (5, "ours"), (10, "theirs"), (15, "ours"), (20, "ours")):
        path = directory.checkpoint(step)
        info = CheckpointInfo(path, "dcgan", MODEL, step + (step == 15), run=run)  # one was renamed by somebody
        save_checkpoint(path, generator, info)
        directory.sample(step).parent.mkdir(exist_ok=True)
        directory.sample(step).touch()
    (tmp_path / "checkpoints" / "step-00000007.safetensors").write_text("notes")
    (tmp_path / "checkpoints" / "best.safetensors").write_text("mine")
    drop_superfluous(directory, "ours", 20, 1, 0)
    checkpoints, samples = list_steps(tmp_path)
    assert [file.step for file in checkpoints] == [0, 7, 10, 15, 20]
    assert [file.step for file in samples] == [0, 10, 15, 20]
    assert (tmp_path / "checkpoints" / "best.safetensors").exists()
    drop_superfluous(directory, "ours", 20, 0, 0)
    assert len(list_steps(tmp_path)[0]) == 5
