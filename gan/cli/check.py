"""``python -m gan dataset check``: look through pictures before training on them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan.cli.common import printable
from gan.cli.progress import counting
from gan.errors import UserError

if TYPE_CHECKING:
    from gan.data.curation import Collection
    from gan.data.curation.ranking import Keep

_MOST_LINES = 20  # problems to print one by one


def check(
    data: Annotated[Path, typer.Argument(help="A folder of pictures, a .zip, an images.npy or a manifest.")],
    manifest: Annotated[
        Path | None,
        typer.Option(help="Write every picture and its scores there, as .jsonl; decisions already in it stay."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
) -> None:
    """Look at every picture: what cannot be used, what is there twice, how plain, sharp and unusual the rest is."""
    if manifest is not None and manifest.suffix.lower() != ".jsonl":
        raise UserError(f"{manifest} is no name for a manifest.", "Its name ends with .jsonl.")
    from gan.data.curation import decisions_to_manifest, scan

    with counting("Looking at pictures") as done:
        found = scan(data, done)
    keep, others = _decisions(found, manifest)
    if manifest is not None:
        decisions_to_manifest(found, keep, manifest, others)
    if as_json:
        print(json.dumps(_to_json(found, keep), indent=2))
    else:
        _print(found, keep)
        if manifest is not None:
            print(printable(f"Written to {manifest}."))


def _decisions(found: Collection, manifest: Path | None) -> tuple[Keep, list[Any]]:
    """What is decided, the manifest's word before that of what was looked at; and entries about other pictures."""
    from gan.data.curation import apply_manifest
    from gan.data.curation.decisions import strangers

    keep = found.keep.copy()
    if manifest is None or not manifest.exists():
        return keep, []
    written = apply_manifest(found, manifest)
    keep[written >= 0] = written[written >= 0]
    return keep, strangers(found, manifest)


def _to_json(found: Collection, keep: Keep) -> dict[str, Any]:
    return {
        "source": str(found.source),
        "pictures": len(found),
        "kept": int((keep == 1).sum()),
        "rejected": int((keep == 0).sum()),
        "undecided": int((keep < 0).sum()),
        "near_duplicates": int((found.scores["copies"] > 0).sum()),
        "groups": int(found.scores["group"].max()),
        "problems": [{"path": file.path, "reason": file.reason} for file in found.problems],
        "scores": {
            name: dict(zip(("low", "median", "high"), spread, strict=True)) for name, spread in _spreads(found).items()
        },
    }


def _spreads(found: Collection) -> dict[str, list[float]]:
    """Of each score, what 5, 50 and 95 percent of the pictures lie below."""
    import numpy as np

    return {
        name: [round(float(value), 3) for value in np.percentile(values, (5, 50, 95))]
        for name, values in found.scores.items()
        if name != "group"  # whose numbers are names
    }


def _print(found: Collection, keep: Keep) -> None:
    from rich.console import Console
    from rich.table import Table

    from gan.data.curation import SCORES

    about = _to_json(found, keep)
    print(printable(f"{found.source}: {len(found):,} pictures"))
    table = Table()
    for column in ("", "5 %", "median", "95 %"):
        table.add_column(column, justify="right" if column else "left")
    for name, spread in _spreads(found).items():
        info = SCORES[name]
        label = f"{info.label} ({info.unit})" if info.unit else info.label
        table.add_row(label, *map(_number, spread))
    Console().print(table)
    if decided := about["kept"] + about["rejected"]:
        print(f"Kept {about['kept']:,}, rejected {about['rejected']:,}, undecided {len(found) - decided:,}.")
    if about["near_duplicates"]:
        print(f"{about['near_duplicates']:,} pictures look almost like another, in {about['groups']:,} groups.")
    if found.problems:
        kinds = Counter(_kind(file.reason) for file in found.problems)
        print(f"{len(found.problems):,} files are left out: {'; '.join(f'{n:,} {k}' for k, n in kinds.most_common())}.")
        for file in found.problems[:_MOST_LINES]:
            print(printable(f"  {file.path}: {file.reason}"))
        if len(found.problems) > _MOST_LINES:
            print("  … and others; --json lists them all.")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _kind(reason: str) -> str:
    """A reason without what belongs to one file only."""
    return "identical to others" if reason.startswith("a copy of ") else reason.partition(":")[0]
