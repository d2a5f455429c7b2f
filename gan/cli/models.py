"""``python -m gan info | sample | convert``"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import numpy as np
import typer

from gan.cli.common import check_count, printable
from gan.cli.progress import progress
from gan.errors import UserError
from gan.files import write_npy
from gan.latent.draws import Latents, draw
from gan.latent.neighbours import DEFAULT_SIGMA, around
from gan.latent.vectors import load_vectors

if TYPE_CHECKING:
    from gan.checkpoints import Checkpoint as LoadedCheckpoint
    from gan.importers.choices import Choices
    from gan.rendering import Renderer

Checkpoint = Annotated[Path, typer.Argument(metavar="FILE", help="A checkpoint, or a run directory (its newest one).")]
Activation = Annotated[
    str | None, typer.Option(metavar="tanh|sigmoid|none", help="Another project's file: what the generator ends in.")
]
OutputRange = Annotated[
    str | None, typer.Option(metavar="-1..1|0..1", help="Another project's file: the numbers that are black and white.")
]
BatchStats = Annotated[
    str | None,
    typer.Option(metavar="running|batch", help="Another project's file: normalise by stored or by common statistics."),
]
AdapterName = Annotated[
    str | None,
    typer.Option(metavar="NAME|module:Class|file.py:Class", help="Run this code to open FILE: see docs/adapters.md."),
]
Label = Annotated[str | None, typer.Option(help="The class to draw, where the adapter has some.")]
Space = Annotated[str, typer.Option(metavar="z|w", help="What the latents are, where the adapter has several spaces.")]


def info(
    file: Checkpoint,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
    activation: Activation = None,
    output_range: OutputRange = None,
    batch_stats: BatchStats = None,
    adapter: AdapterName = None,
) -> None:
    """Tell what a checkpoint is, ours without loading its weights."""
    choices = _choices(activation, output_range, batch_stats)
    if adapter is not None:
        about = _adapted(file, adapter, "cpu", None, "z", choices).info.to_json()
    else:
        from gan.checkpoints import read_info
        from gan.rendering import resolve

        about = read_info(resolve(file), choices).to_json()
    if as_json:
        print(json.dumps(about, indent=2))
        return
    for key, value in about.items():
        if isinstance(value, dict):
            value.pop("architecture", None)  # of another project's model: for programs
            value = ", ".join(f"{name} {entry}" for name, entry in value.items())
        elif isinstance(value, list):
            value = "; ".join(value)
        print(printable(f"{key:12} {'none' if value in ('', None) else value}"))


def sample(
    file: Checkpoint,
    out: Annotated[Path, typer.Option(help="out.png (one picture or a sheet), out.npy, or a folder for single PNGs.")],
    z: Annotated[Path | None, typer.Option(help="Vectors (n, dim) as .npy.")] = None,
    n: Annotated[int | None, typer.Option(help="How many to draw; 16 unless said.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same pictures.")] = 0,
    bookmarks: Annotated[Path | None, typer.Option(help="Stars (n, dim) as .npy: draw around them.")] = None,
    sigma: Annotated[float, typer.Option(help="Standard deviation of the noise around stars.")] = DEFAULT_SIGMA,
    raw: Annotated[bool, typer.Option("--raw", help="The network's own float32 output (n, C, H, W) as .npy.")] = False,
    scale: Annotated[int, typer.Option(help="Enlarge PNGs, 1 to 16 times.")] = 1,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    activation: Activation = None,
    output_range: OutputRange = None,
    batch_stats: BatchStats = None,
    adapter: AdapterName = None,
    label: Label = None,
    space: Space = "z",
) -> None:
    """Render pictures: of given vectors, of random ones, or of random relatives of stars."""
    if raw and out.suffix != ".npy":
        raise UserError("--raw writes numbers, so --out must end in .npy.")
    if out.suffix not in ("", ".png", ".npy") and not out.is_dir():
        raise UserError(f"{out} must end in .png or .npy, or name a folder.")
    if not 1 <= scale <= 16:
        raise UserError(f"--scale lies between 1 and 16, not {scale}.")
    if z is not None and (bookmarks is not None or n is not None):
        raise UserError("--z says which pictures to make; leave out --n and --bookmarks.")
    if n is not None:
        check_count(n)
    from gan.rendering import Renderer, choose_device, open_renderer

    choices = _choices(activation, output_range, batch_stats)
    if adapter is not None:
        from gan.adapters import AdaptedInfo

        opened = _adapted(file, adapter, device, label, space, choices)
        if space != "z" and z is None:
            raise UserError(f"Random latents are z; latents in {space} come from a file.", "Give --z FILE.")
        renderer = Renderer(opened.generator, opened.info, choose_device(device))
        drawn = opened.info.label if isinstance(opened.info, AdaptedInfo) else ""
    else:
        drawn = ""
        _check_no_adapter(label, space)
        renderer = open_renderer(file, device, choices)
    if z is not None:
        latents = load_vectors(z, renderer.dim)
    elif bookmarks is not None:
        latents = around(load_vectors(bookmarks, renderer.dim), sigma, n or 16, seed)
    else:
        latents = draw(n or 16, renderer.dim, seed)
    with progress("Rendering", len(latents)) as done:
        if raw and renderer.draws_together:
            rows = [renderer.raw(latents)]
        else:
            rows = []
            for index, latent in enumerate(latents):
                rows.append(renderer.raw(latent[np.newaxis]))
                done(index + 1)
    _write(out, np.concatenate(rows), latents, renderer, raw=raw, scale=scale, space=space, label=drawn)


def convert(
    file: Checkpoint,
    out: Annotated[Path, typer.Option(help="NAME.safetensors, NAME.onnx, or NAME.pth with --layout.")],
    half: Annotated[bool, typer.Option("--half", help="float16 weights: half the size (.safetensors).")] = False,
    layout: Annotated[
        str | None, typer.Option(metavar="pytorch-examples", help="The names of the weights (.pth).")
    ] = None,
    activation: Activation = None,
    output_range: OutputRange = None,
    batch_stats: BatchStats = None,
    adapter: AdapterName = None,
    label: Label = None,
) -> None:
    """Write a checkpoint, another project's too: with its critic in the native format, or for other programs."""
    kind = out.suffix.lower()
    if kind not in (".safetensors", ".onnx", ".pth", ".pt"):
        raise UserError(f"{out} must end in .safetensors, .onnx or .pth.")
    if half and kind != ".safetensors":
        raise UserError("--half is for .safetensors; leave it out.")
    if (layout is not None) != (kind in (".pth", ".pt")) or layout not in (None, "pytorch-examples"):
        raise UserError(
            "--layout pytorch-examples says how the weights in a .pth file are called, and goes with no other.",
            "Or write .safetensors or .onnx.",
        )
    import torch

    from gan.checkpoints import load_checkpoint, save_checkpoint
    from gan.rendering import resolve

    choices = _choices(activation, output_range, batch_stats)
    if adapter is not None:
        checkpoint = _adapted(file, adapter, "cpu", label, "z", choices)
    else:
        _check_no_adapter(label, "z")
        checkpoint = load_checkpoint(resolve(file), with_critic=kind == ".safetensors", choices=choices)
    if kind == ".onnx":
        from gan.exporters.onnx import export_onnx

        export_onnx(out, checkpoint)
        return
    if layout is not None:
        from gan.exporters.state_dict import export_state_dict

        note = export_state_dict(out, checkpoint)
        if note:
            print(note)
        return
    if not checkpoint.generator.state_dict():
        raise UserError(f"{file.name} is drawn by other code (ONNX, an adapter): its weights cannot be converted.")
    dtype = torch.float16 if half else torch.float32
    save_checkpoint(out, checkpoint.generator, replace(checkpoint.info, path=out), checkpoint.critic, dtype)


def _choices(activation: str | None, output_range: str | None, batch_stats: str | None) -> Choices:
    from gan.importers.choices import Choices

    return Choices(activation, cast(Any, output_range), cast(Any, batch_stats))


def _adapted(
    file: Path, adapter: str, device: str, label: str | None, space: str, choices: Choices
) -> LoadedCheckpoint:
    from gan.adapters import open_adapted
    from gan.importers.choices import Choices
    from gan.rendering import choose_device

    if choices != Choices():
        raise UserError("An adapter decides how its pictures are drawn.", "Leave out --activation and the like.")
    return open_adapted(file, adapter, choose_device(device), label=label, space=space)


def _check_no_adapter(label: str | None, space: str) -> None:
    if label is not None or space != "z":
        raise UserError("--label and --space are for models that are opened with --adapter.")


def _write(
    out: Path,
    rows: np.ndarray,
    latents: Latents,
    renderer: Renderer,
    *,
    raw: bool,
    scale: int,
    space: str,
    label: str,
) -> None:
    from gan.images import enlarge, latent_chunk, save_png, save_sheet

    images = renderer.to_pixels(rows)
    if out.suffix == ".npy":
        write_npy(out, rows if raw else images)
        return

    def chunk(latent: Latents) -> dict[str, dict[str, object]]:
        return latent_chunk(latent, space, renderer.info.sha256, renderer.info.step, label)

    if out.suffix == ".png" and len(images) == 1:
        save_png(out, enlarge(images[0], scale), chunk(latents[0]))
    elif out.suffix == ".png":
        save_sheet(out, images, renderer.info.step, scale)
    else:
        for index, image in enumerate(images):
            save_png(out / f"{index:05d}.png", enlarge(image, scale), chunk(latents[index]))
