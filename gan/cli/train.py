"""``python -m gan train``"""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from gan.cli.common import printable
from gan.cli.progress import console, counting
from gan.config import Objective, TrainConfig, suited
from gan.errors import UserError
from gan.presets import DEFAULT_PRESET, PRESETS, configured, find_preset
from gan.training import schedule

if TYPE_CHECKING:
    from gan.training.runner import OnTrouble, Report, Runner

LINE_EVERY = 10.0  # seconds, where nobody watches a terminal


def train(
    data: Annotated[Path | None, typer.Argument(help="Folder of pictures, images.npy, .zip or manifest.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run directory.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    preset: Annotated[str | None, typer.Option(help=f"{', '.join(PRESETS)}; {DEFAULT_PRESET} unless said.")] = None,
    objective: Annotated[str | None, typer.Option(help="wgan, wgan-gp or dcgan.")] = None,
    steps: Annotated[int | None, typer.Option(help="Generator updates in all.")] = None,
    batch: Annotated[int | None, typer.Option(help="Pictures in one update.")] = None,
    image_size: Annotated[int | None, typer.Option(help="32, 64, 128 or 256 pixels.")] = None,
    z_dim: Annotated[int | None, typer.Option(help="Latent dimensions, 1 to 1024.")] = None,
    channels: Annotated[int | None, typer.Option(help="1 (grey) or 3 (colour).")] = None,
    width: Annotated[int | None, typer.Option(help="Feature maps nearest the picture.")] = None,
    critic_norm: Annotated[str | None, typer.Option(help="batch, layer or none.")] = None,
    upsampling: Annotated[str | None, typer.Option(help="transposed or resize: how the generator doubles.")] = None,
    n_critic: Annotated[int | None, typer.Option(help="Critic updates per generator update.")] = None,
    burst: Annotated[bool | None, typer.Option("--burst/--no-burst", help="100 critic updates now and then.")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate.")] = None,
    lr_decay: Annotated[str | None, typer.Option(help="none or linear.")] = None,
    decay_from: Annotated[float | None, typer.Option(help="Share of the steps after which it decays.")] = None,
    beta1: Annotated[float | None, typer.Option(help="Adam's first moment decay.")] = None,
    beta2: Annotated[float | None, typer.Option(help="Adam's second moment decay.")] = None,
    clip: Annotated[float | None, typer.Option(help="wgan: largest critic weight.")] = None,
    gradient_penalty: Annotated[float | None, typer.Option(help="wgan-gp: weight of the penalty.")] = None,
    ema_half_life: Annotated[int | None, typer.Option(help="Pictures; 0 switches averaging off.")] = None,
    flip: Annotated[bool | None, typer.Option("--flip/--no-flip", help="Mirror pictures at random.")] = None,
    augment: Annotated[str | None, typer.Option(help="none, diffaugment or auto.")] = None,
    held_out: Annotated[float | None, typer.Option(help="Share of pictures never trained on, 0 to 0.5.")] = None,
    framing: Annotated[str | None, typer.Option(help="crop, pad or fit: pictures that are not square.")] = None,
    ground: Annotated[str | None, typer.Option(help="Colour under transparency, like #ffffff.")] = None,
    precision: Annotated[str | None, typer.Option(help="auto, fp32 or bf16.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; all cores but one unless said.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = None,
    devices: Annotated[int | None, typer.Option(help="Processes on each machine, one a device.")] = None,
    nodes: Annotated[int | None, typer.Option(help="Machines that train together.")] = None,
    checkpoint_every: Annotated[int | None, typer.Option(help="Generator updates between checkpoints.")] = None,
    keep_checkpoints: Annotated[int | None, typer.Option(help="Newest checkpoints to keep; 0 keeps all.")] = None,
    milestone_every: Annotated[int | None, typer.Option(help="Updates between checkpoints never deleted.")] = None,
    tensorboard: Annotated[
        bool | None, typer.Option("--tensorboard/--no-tensorboard", help="Write events, too.")
    ] = None,
    pause_on_trouble: Annotated[
        bool | None, typer.Option("--breakpoints/--no-breakpoints", help="Interrupt a run that goes wrong.")
    ] = None,
    previews: Annotated[int | None, typer.Option(help="Pictures in a sample sheet.")] = None,
    seed: Annotated[int | None, typer.Option(help="Everything random follows from it.")] = None,
    parent: Annotated[Path | None, typer.Option("--from", help="Begin with the weights of this checkpoint.")] = None,
    on_trouble: Annotated[str, typer.Option(help="stop or pause where docs/training.md says breakpoint.")] = "stop",
) -> None:
    """Train a GAN into a run directory. Ctrl-C saves; --resume goes on."""
    if out is None:
        raise UserError("--out is missing: name a folder for the run.")
    if on_trouble not in ("pause", "stop"):
        raise UserError(f"--on-trouble is stop or pause, not {on_trouble!r}.")
    model_flags = {
        "image_size": image_size, "z_dim": z_dim, "channels": channels, "width": width, "norm": critic_norm,
        "upsampling": upsampling,
    }  # fmt: skip
    train_flags = {
        "batch": batch, "n_critic": n_critic, "burst": burst, "learning_rate": lr, "lr_decay": lr_decay,
        "decay_from": decay_from, "beta1": beta1, "beta2": beta2, "clip": clip, "gradient_penalty": gradient_penalty,
        "ema_half_life": ema_half_life, "flip": flip, "augment": augment, "held_out": held_out,
        "precision": precision, "threads": threads, "device": device, "devices": devices, "nodes": nodes,
        "checkpoint_every": checkpoint_every, "keep_checkpoints": keep_checkpoints,
        "milestone_every": milestone_every, "tensorboard": tensorboard, "pause_on_trouble": pause_on_trouble,
        "previews": previews, "framing": framing, "ground": ground, "seed": seed,
    }  # fmt: skip
    if resume:
        given = {**model_flags, **train_flags, "DATA": data, "preset": preset, "objective": objective, "from": parent}
        _refuse_changes(name for name, value in given.items() if value is not None)
        from gan.training import runner as runs

        with counting("Reading pictures") as progress:
            runner = runs.resume(out, steps, progress)
        _run(runner, out, on_trouble)
        return
    if data is None:
        raise UserError("DATA is missing: name a folder of pictures, an images.npy, a .zip or a manifest.")
    if parent is not None:
        chosen = objective or find_preset(preset or DEFAULT_PRESET).objective
        model_flags = _as_parent(parent, cast(Objective, chosen), model_flags)
    model, config = configured(preset or DEFAULT_PRESET, objective, model_flags, {**train_flags, "steps": steps})
    from gan.training import runner as runs

    with counting("Reading pictures") as progress:
        runner = runs.start(data, out, model, config, parent, progress)
    _run(runner, out, on_trouble)


def _as_parent(parent: Path, objective: Objective, model_flags: dict[str, Any]) -> dict[str, Any]:
    """The parent's networks for every flag that was not given."""
    from gan.checkpoints import read_parent
    from gan.rendering import resolve

    theirs = suited(read_parent(resolve(parent)).config, objective)
    return {**theirs, **{name: value for name, value in model_flags.items() if value is not None}}


def _refuse_changes(names: Any) -> None:
    for name in names:
        raise UserError(f"--resume takes {name} from the run's config.json.", "Give only --out and --steps with it.")


def _run(runner: Runner, out: Path, on_trouble: str) -> None:
    stop, trainer = _StopOnSignal(), runner.trainer
    if not trainer.engine.is_main:  # it follows process 0, which saves and says so
        runner.run(lambda report: None)
        return
    precision, processes = "bf16" if trainer.bf16 else "fp32", trainer.engine.processes
    where = f"{trainer.device}" + (f" in {processes} processes" if processes > 1 else "")
    _say(f"Training in {out} from step {trainer.step} on {where} ({precision}). Ctrl-C saves.")
    if runner.note:
        _say(runner.note)
    step = runner.run(_Line(trainer.config), stop, cast("OnTrouble", on_trouble))
    _say(f"Saved {out} at step {step}.")


def _say(sentence: str) -> None:
    console.print(printable(sentence), markup=False, highlight=False, soft_wrap=True)  # a path may contain [brackets]


class _StopOnSignal:
    """Ctrl-C and SIGTERM ask the run to save and end; a second Ctrl-C interrupts at once."""

    def __init__(self) -> None:
        self._asked = False
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._ask)

    def __call__(self) -> bool:
        return self._asked

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._asked = True


@dataclass
class _Line:
    """Step, Wasserstein estimate, pictures per second and time left; on one line that is rewritten, or every 10 s."""

    config: TrainConfig
    printed: float = float("-inf")

    def __call__(self, report: Report) -> None:
        progress, now = report.progress, time.monotonic()
        last = progress.step >= report.steps
        if not console.is_terminal and now - self.printed < LINE_EVERY and not last:
            return
        self.printed = now
        images = max(0, schedule.images_seen(self.config, report.steps) - progress.images_seen)
        left = timedelta(seconds=round(images / max(report.images_per_second, 1e-9)))
        end = "\r" if console.is_terminal and not last else "\n"
        console.print(
            f"step {progress.step}/{report.steps}  W {progress.wasserstein:.3f}  "
            f"{report.images_per_second:.0f} images/s  ETA {left}   ",
            end=end,
            highlight=False,
        )
