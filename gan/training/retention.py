"""Which checkpoints of a run to keep."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from gan.checkpoints import read_info
from gan.errors import UserError
from gan.training.run_directory import RunDirectory
from gan.training.run_reader import list_steps


def superfluous(steps: Iterable[int], newest: int, keep: int, milestone_every: int) -> list[int]:
    """The steps whose checkpoints may go, oldest first: all but step 0, milestones and the last ``keep``.

    Args:
        steps: what there is.
        newest: where the run is; later steps are left over from before it went back, and are not counted or named.
        keep: how many to keep besides; 0 keeps all.
        milestone_every: updates between milestones; 0: there are none.
    """
    if not keep:
        return []
    past = sorted(step for step in steps if step <= newest)
    return [step for step in past[:-keep] if step and not (milestone_every and step % milestone_every == 0)]


def drop_superfluous(directory: RunDirectory, run: str, newest: int, keep: int, milestone_every: int) -> None:
    """Delete superfluous checkpoints with their sheets. What this run did not write stays, whatever it is called."""
    checkpoints, _ = list_steps(directory.path)
    for step in superfluous((file.step for file in checkpoints), newest, keep, milestone_every):
        if _is_ours(directory.checkpoint(step), run, step):
            with suppress(OSError):  # Windows keeps what somebody has open; the next time will do
                directory.sample(step).unlink(missing_ok=True)
                directory.checkpoint(step).unlink(missing_ok=True)


def _is_ours(path: Path, run: str, step: int) -> bool:
    try:
        info = read_info(path)
    except UserError:
        return False
    return (info.run, info.step) == (run, step)
