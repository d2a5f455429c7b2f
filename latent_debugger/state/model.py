"""What the window knows of the model it shows; the network itself lives in the services."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gan.importers.choices import Choices


@dataclass(frozen=True)
class AdapterUse:
    """The code that the user has named to open a file with, and what it was told."""

    name: str
    """Of an installed adapter, ``module:Class`` or ``file.py:Class``."""
    label: str = ""
    """The class that is drawn; empty for the first, or where there are none."""
    space: str = "z"
    """What latents are."""


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
    """The space the latents live in: "z", or another one of an adapter's."""
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
    adapter: AdapterUse | None = None
    """The code that opened the file and draws its pictures, where the user has named some."""
    labels: tuple[str, ...] = ()
    """The classes whose pictures it draws, by name."""
    trainable: bool = True
    """Whether a run can begin with it; not with other projects' networks."""

    @property
    def label(self) -> str:
        """The class that is drawn; empty where there are none."""
        return self.adapter.label if self.adapter is not None else ""

    def with_label(self, label: str) -> OpenModel:
        """The same model drawing another of its classes; the same as it is where it has no such class."""
        if self.adapter is None or label not in self.labels:
            return self
        return replace(self, adapter=replace(self.adapter, label=label))

    def same_model(self, run: str | None, sha256: str) -> bool:
        """Whether something noted with ``run`` and ``sha256`` belongs to this model: the same run, or the same file
        where either has no run. Steps of one run are the same model."""
        if self.run is not None and run is not None:
            return self.run == run
        return self.sha256 == sha256

    def on_device(self, device: str) -> OpenModel:
        """The same model after it moved."""
        return replace(self, device=device)
