"""``python -m gan dataset people`` and ``python -m gan score``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gan.cli.progress import progress
from gan.errors import UserError

dataset = typer.Typer(no_args_is_help=True)


@dataset.callback()
def _group() -> None:
    """Make data sets."""


@dataset.command("people")
def people(
    out: Annotated[Path, typer.Argument(help="A folder for images.npy and attributes.csv.")],
    n: Annotated[int, typer.Option(help="How many people.")] = 6000,
    size: Annotated[int, typer.Option(help="Pixels.")] = 64,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 0,
) -> None:
    """Draw the built-in data set: illustrated people, from Open Peeps by Pablo Stanley (CC0)."""
    from gan.data.people import make_people

    with progress("Drawing people", n) as done:
        make_people(out, n, size, seed, done)


def score(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A checkpoint, or a run directory (its newest one).")],
    data: Annotated[Path, typer.Option(help="The pictures it was trained on.")],
    n: Annotated[int, typer.Option(help="Pictures to compare on each side.")] = 2000,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
) -> None:
    """Measure how close a generator's pictures come to real ones, beside how close real ones come to each other."""
    if n < 16:
        raise UserError(f"--n must be at least 16, not {n}.")
