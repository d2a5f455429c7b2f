"""What the user has said of other projects' files, and how they look when something else is said.

Plain functions, run on a Worker: they read and write files and draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gan.adapters import AdaptedInfo
from gan.checkpoints import CheckpointInfo, is_native
from gan.files import sha256_of
from gan.images import Bytes, sheet
from gan.importers.choices import Choices
from gan.importers.chosen import chosen
from gan.importers.config import ImportedConfig
from gan.latent.draws import draw
from gan.rendering import Renderer, open_renderer
from latent_debugger.state.drawn_as import DrawnAs
from latent_debugger.state.paths import drawn_as_path

_MANY, _LARGE = 4, 256
"""Pictures on a sketch; only one where they are larger than this many pixels."""


@dataclass(frozen=True, eq=False)
class Sketch:
    """How a file looks with some choices."""

    choices: Choices
    """All that there are for this file, answered."""
    source: str
    """Whose generator it is."""
    picture: Bytes
    """(H, W, C): four pictures in a square, or one large one."""


def remembered(path: Path) -> Choices | None:
    """What was said of this file before; None where nothing was, or it is of this program's own format."""
    known = DrawnAs.load(drawn_as_path())
    if not known.by_sha256 or is_native(path):
        return None
    try:
        return known.by_sha256.get(sha256_of(path))
    except OSError:  # whoever opens it has the sentence
        return None


def remember(info: CheckpointInfo, choices: Choices) -> None:
    """Open this file like that from now on, wherever it lies.

    Raises:
        UserError: it cannot be written down.
    """
    DrawnAs.load(drawn_as_path()).adding(info.sha256, choices).save(drawn_as_path())


def choices_of(info: CheckpointInfo) -> Choices | None:
    """What can be chosen for a model, as it is drawn now; None where it is of this program's own format, or drawn by an
    adapter."""
    if info.source == "native" or isinstance(info, AdaptedInfo) or not isinstance(info.config, ImportedConfig):
        return None
    return chosen(info.config)


def sketch(path: Path, choices: Choices) -> Sketch:
    """Open a file as ``choices`` say and draw it on the processor.

    Raises:
        UserError: it cannot be opened, or not like that.
    """
    renderer: Renderer = open_renderer(path, "cpu", choices)
    info = renderer.info
    latents = draw(_MANY if info.config.image_size <= _LARGE else 1, renderer.dim, seed=0)
    found = choices_of(info) or replace(choices)
    return Sketch(found, info.source, sheet(renderer.pixels(latents)))
