"""A run that begins with the weights of an earlier checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gan.checkpoints import load_checkpoint, read_parent
from gan.config import ModelConfig
from gan.errors import UserError
from gan.rendering import resolve
from gan.training.trainer import Trainer

_NAMES = {"z_dim": "latent dimensions", "image_size": "pixels", "channels": "colour channels", "width": "feature maps"}


def describe_parent(path: Path, model: ModelConfig) -> dict[str, Any]:
    """What ``config.json`` keeps of the checkpoint at ``path`` (or the newest one of a run directory).

    Raises:
        UserError: it cannot be read, is another project's, or its generator is not of the architecture ``model``.
    """
    info = read_parent(resolve(path))
    theirs, ours = info.config.to_json(), model.to_json()
    for name in ours.keys() - {"norm"}:  # that of the critic, which may begin anew
        if theirs[name] != ours[name]:
            what = _NAMES.get(name)
            difference = f"has {name} {theirs[name]}, but the new run asks for {ours[name]}"
            if what:
                difference = f"has {theirs[name]} {what} ({name}), but the new run asks for {ours[name]}"
            raise UserError(f"{info.path.name} {difference}.", "Fine-tuning keeps the architecture.")
    return {"path": str(info.path.absolute()), "name": info.name, "step": info.step, "sha256": info.sha256}


def apply_parent(parent: dict[str, Any], trainer: Trainer) -> None:
    """Give ``trainer`` the weights: the averaged generator, and the critic where there is one of the same norm.

    Raises:
        UserError: the file is no longer there, or no longer the same.
    """
    path = Path(str(parent.get("path")))
    checkpoint = load_checkpoint(path, with_critic=True)
    if checkpoint.info.sha256 != parent.get("sha256"):
        raise UserError(f"{path} is not the checkpoint this run was started from.", "Start a new run.")
    weights = checkpoint.generator.state_dict()
    trainer.generator.load_state_dict(weights)
    trainer.ema.generator.load_state_dict(weights)
    if checkpoint.critic is not None and checkpoint.info.config.norm == trainer.model.norm:
        trainer.critic.load_state_dict(checkpoint.critic.state_dict())
