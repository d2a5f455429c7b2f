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
from gan.cli.progress import console
from gan.config import ModelConfig, Objective, TrainConfig
from gan.errors import UserError
from gan.presets import DEFAULT_PRESET, PRESETS, find_preset

if TYPE_CHECKING:
    from gan.training.runner import Report, Runner

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
    n_critic: Annotated[int | None, typer.Option(help="Critic updates per generator update.")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate.")] = None,
    ema_half_life: Annotated[int | None, typer.Option(help="Pictures; 0 switches averaging off.")] = None,
    flip: Annotated[bool | None, typer.Option("--flip/--no-flip", help="Mirror pictures at random.")] = None,
    precision: Annotated[str | None, typer.Option(help="auto, fp32 or bf16.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; all cores but one unless said.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = None,
    checkpoint_every: Annotated[int | None, typer.Option(help="Generator updates between checkpoints.")] = None,
    seed: Annotated[int | None, typer.Option(help="Everything random follows from it.")] = None,
) -> None:
    """Train a GAN into a run directory. Ctrl-C saves; --resume goes on."""
    if out is None:
        raise UserError("--out is missing: name a folder for the run.")
    model_flags = {"image_size": image_size, "z_dim": z_dim, "channels": channels, "width": width, "norm": critic_norm}
    train_flags = {
        "batch": batch, "n_critic": n_critic, "learning_rate": lr, "ema_half_life": ema_half_life, "flip": flip,
        "precision": precision, "threads": threads, "device": device, "checkpoint_every": checkpoint_every,
        "seed": seed,
    }  # fmt: skip
    if resume:
        given = {**model_flags, **train_flags, "DATA": data, "preset": preset, "objective": objective}
        _refuse_changes(name for name, value in given.items() if value is not None)
        from gan.training import runner as runs

        _run(runs.resume(out, steps), out)
        return
    if data is None:
        raise UserError("DATA is missing: name a folder of pictures, an images.npy, a .zip or a manifest.")
    model, config = configure(preset or DEFAULT_PRESET, objective, model_flags, {**train_flags, "steps": steps})
    from gan.training import runner as runs

    _run(runs.start(data, out, model, config), out)


def configure(
    preset: str, objective: str | None, model_flags: dict[str, Any], train_flags: dict[str, Any]
) -> tuple[ModelConfig, TrainConfig]:
    """A preset with flags on top (None counts as not given). Another objective than the preset's brings the settings of
    its own paper instead of the preset's."""
    base = find_preset(preset)
    chosen = cast(Objective, objective or base.objective)
    keep = base.train if chosen == base.objective else {}
    given = {name: value for name, value in model_flags.items() if value is not None}
    overrides = {**keep, **{name: value for name, value in train_flags.items() if value is not None}}
    return ModelConfig(**{**base.model, **given}), TrainConfig.for_objective(chosen, **overrides)


def _refuse_changes(names: Any) -> None:
    for name in names:
        raise UserError(f"--resume takes {name} from the run's config.json.", "Give only --out and --steps with it.")


def _run(runner: Runner, out: Path) -> None:
    stop = _StopOnSignal()
    trainer = runner.trainer
    precision = "bf16" if trainer.bf16 else "fp32"
    _say(f"Training in {out} from step {trainer.step} on {trainer.device} ({precision}). Ctrl-C saves.")
    step = runner.run(_Line(), stop)
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

    printed: float = float("-inf")

    def __call__(self, report: Report) -> None:
        progress, now = report.progress, time.monotonic()
        last = progress.step >= report.steps
        if not console.is_terminal and now - self.printed < LINE_EVERY and not last:
            return
        self.printed = now
        per_step = progress.images_seen / progress.step
        left = timedelta(seconds=round((report.steps - progress.step) * per_step / max(report.images_per_second, 1e-9)))
        end = "\r" if console.is_terminal and not last else "\n"
        console.print(
            f"step {progress.step}/{report.steps}  W {progress.wasserstein:.3f}  "
            f"{report.images_per_second:.0f} images/s  ETA {left}   ",
            end=end,
            highlight=False,
        )
