"""Registry of architectures: family name -> generator and critic. A new architecture is a new file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from gan.config import ModelConfig
from gan.errors import UserError
from gan.importers.build import build_imported, imported_size
from gan.importers.config import ImportedConfig
from gan.models.dcgan import DCGANCritic, DCGANGenerator, generator_size_of_dcgan


@dataclass(frozen=True)
class Family:
    """The two networks of one architecture."""

    generator: Callable[[ModelConfig], nn.Module]
    critic: Callable[[ModelConfig], nn.Module]
    generator_size: Callable[[ModelConfig], int]


FAMILIES = {"dcgan": Family(DCGANGenerator, DCGANCritic, generator_size_of_dcgan)}


def build_generator(config: ModelConfig) -> nn.Module:
    """A freshly initialised generator: z (N, z_dim) -> pictures (N, C, H, W) in [-1, 1]."""
    if isinstance(config, ImportedConfig):
        return build_imported(config)
    return _family(config).generator(config)


def build_critic(config: ModelConfig) -> nn.Module:
    """A freshly initialised critic: pictures (N, C, H, W) in [-1, 1] -> scores (N,)."""
    return _family(config).critic(config)


def generator_size(config: ModelConfig) -> int:
    """How many weights :func:`build_generator` would make, without making them."""
    if isinstance(config, ImportedConfig):
        return imported_size(config)
    return _family(config).generator_size(config)


def _family(config: ModelConfig) -> Family:
    try:
        return FAMILIES[config.family]
    except KeyError:
        known = ", ".join(FAMILIES)
        raise UserError(f"The model family {config.family!r} is unknown.", f"Known families: {known}.") from None
