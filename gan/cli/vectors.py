"""``python -m gan neighbours``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gan.cli.common import check_count
from gan.errors import UserError
from gan.latent.neighbours import DEFAULT_SIGMA, MODES
from gan.latent.neighbours import neighbours as draw_neighbours
from gan.latent.vectors import load_vectors, save_vectors


def neighbours(
    z: Annotated[Path, typer.Option(help="Vectors (n, dim) as .npy.")],
    out: Annotated[Path, typer.Option(help="Where to write the neighbours, .npy.")],
    row: Annotated[int, typer.Option(help="Which vector of the file.")] = 0,
    sigma: Annotated[float, typer.Option(help="Standard deviation of the noise, 0 to 2.")] = DEFAULT_SIGMA,
    n: Annotated[int, typer.Option(help="How many.")] = 16,
    seed: Annotated[int, typer.Option(help="The same seed gives the same neighbours.")] = 0,
    mode: Annotated[str, typer.Option(help=f"One of {', '.join(MODES)}.")] = "additive",
    lock: Annotated[str, typer.Option(help="Dimensions that keep their value, for example 3,7.")] = "",
) -> None:
    """Sample vectors near a given one."""
    vectors = load_vectors(z)
    if not 0 <= row < len(vectors):
        raise UserError(f"{z.name} has no row {row}: its rows are 0 to {len(vectors) - 1}.")
    check_count(n)
    chosen = next((known for known in MODES if known == mode), None)
    if chosen is None:
        raise UserError(f"The mode {mode!r} is unknown.", f"Choose one of {', '.join(MODES)}.")
    if out.suffix != ".npy":
        raise UserError(f"{out} must end in .npy.")
    save_vectors(out, draw_neighbours(vectors[row], sigma, n, seed, chosen, _indices(lock)))


def _indices(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise UserError(f"--lock takes dimensions such as 3,7, not {text!r}.") from None
