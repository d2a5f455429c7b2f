"""Models that somebody's own code draws. It runs only through what is here, and only where the user has named it.

Plain functions, run on a Worker.
"""

from __future__ import annotations

from pathlib import Path

import torch

from gan.adapters import AdaptedInfo, AdaptedRenderer, classes_in, installed, open_adapted, relabelled
from gan.checkpoints import Checkpoint, CheckpointInfo
from gan.errors import UserError
from gan.importers.choices import Choices
from gan.instruments.subject import Subject, open_subject, subject_of
from gan.rendering import Renderer, open_renderer
from latent_debugger.state.model import AdapterUse, OpenModel
from latent_debugger.state.model_info import ModelInfo

CPU = torch.device("cpu")


def open_with(path: Path, use: AdapterUse, device: torch.device) -> AdaptedRenderer:
    """Open a file with the code that the user has named. A label that the model has no more gives way to its first.

    Raises:
        UserError: see :func:`gan.adapters.open_adapted`.
    """
    opened = open_adapted(path, use.name, device, space=use.space)
    if use.label and use.label in labels_of(opened.info):
        opened = relabelled(opened, use.label)
    return AdaptedRenderer(opened, device)


def with_label(renderer: Renderer, label: str) -> Renderer:
    """A renderer of the same model that draws another of its classes; nothing is loaded anew."""
    return renderer.with_label(label) if isinstance(renderer, AdaptedRenderer) else renderer


def use_of(info: CheckpointInfo) -> AdapterUse | None:
    """The code that opened a model; None where that was this program's own."""
    return AdapterUse(info.adapter, info.label, info.space) if isinstance(info, AdaptedInfo) else None


def labels_of(info: CheckpointInfo) -> tuple[str, ...]:
    """The names of a model's classes; none where its pictures depend on no class."""
    return info.labels if isinstance(info, AdaptedInfo) else ()


def open_again(info: CheckpointInfo, choices: Choices | None, device: torch.device) -> Renderer:
    """The model that is open already, read anew, as it is drawn now.

    Raises:
        UserError: it cannot be opened any more, or has changed on disk.
    """
    use = use_of(info)
    if use is not None:
        renderer: Renderer = open_with(info.path, use, device)
    else:
        renderer = open_renderer(info.path, str(device), choices)
    check_unchanged(info.path, renderer.info, info.sha256)
    return renderer


def open_networks(model: OpenModel) -> Subject:
    """The networks of an open model for instruments, read anew, on the processor, as it is drawn now.

    Raises:
        UserError: it cannot be opened any more, or has changed on disk.
    """
    if model.adapter is None:
        subject = open_subject(model.path, model.choices)
    else:
        opened = open_adapted(model.path, model.adapter.name, CPU, space=model.adapter.space)
        subject = subject_of(opened.info, opened.generator, opened.critic)
        subject = subject_with_label(subject, model.label)
    check_unchanged(model.path, subject.info, model.sha256)
    return subject


def subject_with_label(subject: Subject, label: str) -> Subject:
    """The same networks for another class of the model, nothing is loaded anew; the same where it has no such class."""
    info = subject.info
    if not isinstance(info, AdaptedInfo) or label == info.label or label not in info.labels:
        return subject
    opened = relabelled(Checkpoint(info, subject.generator, subject.critic), label)
    return subject_of(opened.info, opened.generator, opened.critic)


def check_unchanged(path: Path, info: CheckpointInfo, sha256: str) -> None:
    """Refuse a file that is not the one that was opened.

    Raises:
        UserError: it has changed.
    """
    if info.sha256 != sha256:
        raise UserError(f"{path.name} has changed on disk since it was opened.", "Open it again.")


def known_adapters() -> list[str]:
    """The adapters that installed packages offer. Nothing of them is run."""
    return installed()


def classes_of(path: Path) -> list[str]:
    """What could be an adapter in a Python file. Nothing of it is run.

    Raises:
        UserError: it is no Python file.
    """
    return classes_in(path)


def adapted_model_info(model: OpenModel) -> ModelInfo:
    """What there is to tell of a model that an adapter draws; its layers are known to its own code only.

    Raises:
        UserError: the file is gone.
    """
    use = model.adapter
    assert use is not None
    try:
        size = model.path.stat().st_size
    except OSError as error:
        raise UserError(f"{model.path} cannot be read: {error.strerror or error}.") from error
    colours = {1: "grey", 3: "RGB", 4: "RGBA"}[model.channels]
    facts = {
        "Drawn by": f"the adapter {use.name}",
        "Picture": f"{model.image_size} × {model.image_size}, {colours}",
        "Latent": f"{model.dim} dimensions, {use.space}",
        "Classes": f"{len(model.labels):,}" if model.labels else "",
        "Class": use.label,
        "sha256": model.sha256,
        "File": f"{model.path.name}, {size / 2**20:.1f} MiB",
    }
    return ModelInfo(model.name, tuple((label, value) for label, value in facts.items() if value), ())
