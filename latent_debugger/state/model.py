"""What the window knows of the model it shows; the network itself lives in the services."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gan.importers.choices import Choices


@dataclass(frozen=True)
class OpenModel:
    """A checkpoint that has been loaded."""

    path: Path
    """The file, even where a run directory was opened."""
    name: str
    """What the user calls it, e.g. people64."""
    dim: int
    """Length of a latent."""
    space: str
    """The space the latents live in; "z" for now."""
    image_size: int
    """Height and width of a picture in pixels."""
    channels: int
    """Colour channels of a picture: 1, 3, or 4 (RGBA, from another project)."""
    step: int
    """Generator updates it has seen."""
    run: str | None
    """The uuid of the training run, where known."""
    sha256: str
    """The sha256 of the file's bytes in hexadecimal."""
    device: str
    """Where it runs: cpu, cuda, mps ..."""
    objective: str
    """How it was trained: wgan, wgan-gp, dcgan; empty where unknown."""
    choices: Choices | None = None
    """How another project's file is drawn, as far as that can be chosen; None for this program's own format."""

    def same_model(self, run: str | None, sha256: str) -> bool:
        """Whether something noted with ``run`` and ``sha256`` belongs to this model: the same run, or the same file
        where either has no run. Steps of one run are the same model."""
        if self.run is not None and run is not None:
            return self.run == run
        return self.sha256 == sha256

    def on_device(self, device: str) -> OpenModel:
        """The same model after it moved."""
        return replace(self, device=device)
