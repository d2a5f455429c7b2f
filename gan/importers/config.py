"""The configuration of a generator that another project trained: as a ModelConfig, plus how it is built."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, Self

from gan.config import MAX_Z_DIM, ModelConfig
from gan.errors import UserError

PREFIX = "imported:"
"""Of the family names of these configurations."""
MAX_IMAGE_SIZE = 1024
OutputRange = Literal["-1..1", "0..1"]
BatchStats = Literal["running", "batch"]


@dataclass(frozen=True)
class ImportedConfig(ModelConfig):
    """A generator from elsewhere. Picture sizes and channels are whatever its project made: 24 or 28 px, RGBA ..."""

    architecture: str = "{}"
    """How the network is built, as JSON: ``kind`` names the builder in :mod:`gan.importers.families`."""
    output_range: OutputRange = "-1..1"
    """The numbers that are black and white in its output."""
    batch_stats: BatchStats = "running"
    """Batch normalisation by the stored statistics, or by those of the pictures that are made together."""

    def __post_init__(self) -> None:
        self._check_types()
        self._check_range("image_size", 1, MAX_IMAGE_SIZE)
        self._check_range("z_dim", 1, 4 * MAX_Z_DIM)
        self._check_choice("channels", (1, 3, 4))
        self._check_choice("output_range", ("-1..1", "0..1"))
        self._check_choice("batch_stats", ("running", "batch"))
        if not self.family.startswith(PREFIX):
            raise UserError(f"family must begin with {PREFIX!r}, not be {self.family!r}.")

    @property
    def plan(self) -> dict[str, Any]:
        """``architecture`` as a dictionary.

        Raises:
            UserError: it is no JSON object.
        """
        try:
            value = json.loads(self.architecture)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise UserError("The architecture of the imported model is damaged.")
        return value

    def to_json(self) -> dict[str, Any]:
        """The fields that mean something here; ``architecture`` as an object."""
        values = super().to_json()
        for name in ("norm", "upsampling"):
            del values[name]
        return {**values, "architecture": self.plan}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote."""
        if isinstance(values, dict) and isinstance(values.get("architecture"), dict):
            values = {**values, "architecture": json.dumps(values["architecture"])}
        return super().from_json(values)
