"""What there is to tell about a checkpoint: how its network is built and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """One step of the generator on the way from a latent to a picture."""

    name: str
    """As the weights are called, e.g. ``stages.0.1``."""
    kind: str
    """The class: ConvTranspose2d, BatchNorm2d ..."""
    shape: tuple[int, ...]
    """Its output without the batch: (channels, height, width), or (features,)."""
    parameters: int

    def cells(self) -> tuple[str, str, str, str]:
        """Name, kind, output (``512 × 4 × 4``) and number of parameters, as people read them."""
        return self.name, self.kind, " × ".join(map(str, self.shape)), f"{self.parameters:,}"


@dataclass(frozen=True)
class ModelInfo:
    """A checkpoint, read by ``services.model_info``."""

    name: str
    facts: tuple[tuple[str, str], ...]
    """Label and value of everything known, in the order to be read: architecture first, then provenance."""
    layers: tuple[Layer, ...]
    warnings: tuple[str, ...] = ()

    def as_text(self) -> str:
        """All of it as plain text, for the clipboard."""
        wide = max((len(label) for label, _ in self.facts), default=0)
        lines = [self.name, *(f"{label:<{wide}}  {value}" for label, value in self.facts), *self.warnings]
        lines += ["", *("\t".join(layer.cells()) for layer in self.layers)]
        return "\n".join(lines)
