"""``python -m gan dataset people | check`` and ``python -m gan score``"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gan.cli.check import check
from gan.cli.common import check_count, printable
from gan.cli.progress import progress
from gan.config import TrainConfig
from gan.errors import UserError
from gan.training.run_directory import RunDirectory

if TYPE_CHECKING:
    from gan.metrics.score import Score

MAX_PEOPLE, MAX_SIDE = 10_000_000, 1024
dataset = typer.Typer(no_args_is_help=True)


@dataset.callback()
def _group() -> None:
    """Make data sets, and look through your own."""


dataset.command("check")(check)


@dataset.command("people")
def people(
    out: Annotated[Path, typer.Argument(help="A folder for images.npy and attributes.csv.")],
    n: Annotated[int, typer.Option(help="How many people.")] = 6000,
    size: Annotated[int, typer.Option(help="Pixels.")] = 64,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 0,
) -> None:
    """Draw the built-in data set: illustrated people, from Open Peeps by Pablo Stanley (CC0)."""
    check_count(n, most=MAX_PEOPLE)
    _check_room(out, n * min(size, MAX_SIDE) ** 2 * 3)  # larger ones are refused for their size
    from gan.data.people import make_people

    with progress("Drawing people", n) as done:
        make_people(out, n, size, seed, done)


def _check_room(out: Path, needed: int) -> None:
    """Refuse before hours of drawing, not after.

    Raises:
        UserError: the disk of ``out`` has less than ``needed`` bytes free.
    """
    there = next((folder for folder in (out, *out.absolute().parents) if folder.is_dir()), Path())
    free = shutil.disk_usage(there).free
    if needed > free:
        gib = 2**30
        raise UserError(
            f"These people take {needed / gib:,.1f} GiB, and the disk of {out} has {free / gib:,.1f} GiB free.",
            "Draw fewer or smaller ones.",
        )


def score(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A checkpoint, or a run directory (its newest one).")],
    data: Annotated[Path, typer.Option(help="The pictures it was trained on.")],
    n: Annotated[int, typer.Option(help="Pictures to compare on each side.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of the pictures drawn and compared.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    framing: Annotated[str | None, typer.Option(help="crop, pad or fit; the run's own, else crop.")] = None,
    ground: Annotated[str | None, typer.Option(help="Colour under transparency; the run's own, else white.")] = None,
) -> None:
    """Measure how close a generator's pictures come to real ones, beside how close real ones come to each other."""
    from gan.metrics.score import MIN_COUNT, opaque, render_fakes
    from gan.metrics.score import score as measure

    check_count(n, MIN_COUNT)
    from gan.data import open_dataset
    from gan.rendering import open_renderer

    renderer = open_renderer(file, device)
    config = renderer.info.config
    seen_as = _seen_as(file, renderer.info.run).with_changes(framing=framing, ground=ground)
    channels = min(config.channels, 3)  # transparency goes: neither data nor judge knows any
    reals = open_dataset(data, config.image_size, channels, framing=seen_as.framing, ground=seen_as.ground).images
    with progress("Rendering", 100) as done:
        fakes = render_fakes(renderer, n, seed, lambda _, share: done(round(100 * share)))
    fakes = opaque(fakes, seen_as.ground)
    with progress("Comparing", 100) as done:
        result = measure(fakes, reals, seed, lambda _, share: done(round(100 * share)))
    if as_json:
        print(json.dumps({**result.to_json(), "step": renderer.info.step, "sha256": renderer.info.sha256}, indent=2))
    else:
        _print_score(result, renderer.info.name, renderer.info.step)


def _seen_as(file: Path, run: str | None) -> TrainConfig:
    """The settings under which the model's run saw its pictures, where ``file`` is that run or lies in it."""
    for folder in (file, file.absolute().parent.parent):
        with suppress(UserError):
            config = RunDirectory(folder).read_config()
            if folder == file or config.run == run:
                return config.train
    return TrainConfig()


def _print_score(result: Score, name: str, step: int) -> None:
    """Each figure beside what real pictures get in its place."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    title = printable(f"{name}, step {step}: {result.n} pictures against {result.n} real ones")
    table = Table(title=Text(title))  # not markup: a name may contain [brackets]
    table.add_column("")
    for column in ("generator", "real pictures"):
        table.add_column(column, justify="right")
    for size, value in result.swd.items():
        table.add_row(f"SWD {size} px (x 1000)", f"{value:.2f}", f"{result.swd_floor[size]:.2f}")
    table.add_row("SWD mean", f"{result.swd_mean:.2f}", f"{result.swd_floor_mean:.2f}")
    table.add_row("SWD mean / floor", f"{result.swd_ratio:.2f}", "1.00")
    table.add_row("precision", f"{result.precision:.3f}", f"{result.precision_floor:.3f}")
    table.add_row("recall", f"{result.recall:.3f}", f"{result.recall_floor:.3f}")
    table.add_row("Fréchet (own features)", f"{result.frechet:.2f}", f"{result.frechet_floor:.2f}")
    Console().print(table)
    if result.note:
        print(result.note)
