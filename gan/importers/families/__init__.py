"""The projects whose generators are recognised. A new one is a file here and a line in :data:`RECOGNISERS`.

Each file has ``recognise(State) -> Plan | None`` and says in its docstring where the network's code was read and what a
state dict does not tell. Builders of networks that are no plain chain stand in :mod:`gan.importers.build`.
"""

from __future__ import annotations

from collections.abc import Callable

from gan.importers.families import caogang, dcgan, gan_zoo, mimicry, pytorch_gan, wgan
from gan.importers.families.base import Plan, State

RECOGNISERS: tuple[Callable[[State], Plan | None], ...] = (
    gan_zoo.recognise,
    mimicry.recognise,
    caogang.recognise,
    pytorch_gan.recognise,
    wgan.recognise,
    dcgan.recognise,
    # StyleGAN, lightweight-gan and FastGAN belong here; until then families/strangers.py names them
)
