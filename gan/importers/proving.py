"""Doubts about a rebuilt generator, as sentences: what the file names, and what normalisation remembers of training."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from torch import Tensor, nn

from gan.importers.assemble import assemble
from gan.importers.config import PREFIX, ImportedConfig
from gan.importers.layers import leaky
from gan.importers.selfcheck import Deviation, deviations, has_learnt_statistics, misfit

log = logging.getLogger(__name__)
_DANGEROUS = {
    "os", "posix", "nt", "subprocess", "builtins", "__builtin__", "sys", "runpy", "shutil", "socket", "importlib",
    "pty", "code", "ctypes", "webbrowser", "urllib", "requests", "commands", "platform", "pip", "timeit", "pdb",
    "marshal", "types", "operator", "functools", "asyncio", "multiprocessing", "cProfile", "profile", "bdb", "idlelib",
    "io", "_io", "pathlib", "tempfile", "codecs", "linecache", "glob", "_posixsubprocess", "torch.hub", "torch.jit",
    "torch.load", "pickle", "_pickle", "numpy.testing",
}  # fmt: skip
_SUSPICIOUS = 0.004
"""Misfit of the usual activation above which another is tried."""
_FAR_BETTER = 2.5
"""How many times better the other one has to fit: no ReLU that was tried came near it by chance (docs/importing.md)."""
_TOGETHER = (
    "Its normalisation uses the statistics of the pictures that are made together, as its project does. "
    "A single picture is made with those of 64 fixed latents."
)
_UNTOUCHED = (
    "Its normalisation has never seen a picture (an average that left it out?). "
    "If pictures look flat, choose the statistics of the batch (--batch-stats batch, or File > How it is drawn)."
)
_LEAKY = (
    "The usual ReLU does not fit what its normalisation remembers of training, and LeakyReLU(0.2) does: "
    "it is drawn with that."
)
_EPS = (
    "The project's eps of 0.8 does not fit what its normalisation remembers of training, and the usual 0.00001 of its "
    "early versions does: it is drawn with that."
)


def about_stubs(stubs: Sequence[str]) -> list[str]:
    """What the file names and nobody ran."""
    strange = [name for name in stubs if not name.startswith(("torch.nn.", "__torch__."))]
    wicked = [name for name in strange if any(name.startswith(f"{module}.") for module in _DANGEROUS)]
    if wicked:
        return [f"PyTorch would run {_listed(wicked)} on loading this file. Nothing was run here; do not trust it."]
    return [f"The file refers to code that was not run: {_listed(strange)}."] if strange else []


def proven(
    network: nn.Module, config: ImportedConfig, weights: Mapping[str, Tensor], *, guessed: bool
) -> tuple[nn.Module, ImportedConfig, list[str]]:
    """The network, its configuration and warnings, after a look at what its normalisation remembers of training.

    Args:
        guessed: whether the activations of a plain chain are a guess that may be replaced by one that fits better.
    """
    if config.batch_stats == "batch":
        return network, config, [_TOGETHER]
    if not has_learnt_statistics(network):
        return network, config, [_UNTOUCHED]
    found = deviations(network, config.z_dim)
    log.info("self-check: %s", found)
    alternative = _alternative(config) if guessed and misfit(found) > _SUSPICIOUS else None
    if alternative is not None:
        other, why = alternative
        another = assemble(other, weights)
        fits = deviations(another, config.z_dim)
        if misfit(fits) < misfit(found) / _FAR_BETTER:
            return another, other, [why, *_about(fits)]
    return network, config, _about(found)


def _about(found: Sequence[Deviation]) -> list[str]:
    wrong = next((item for item in found if item.is_wrong), None)
    if wrong is None:
        return []
    where = f"(at {wrong.name}, off by {max(wrong.mean, wrong.spread):.2f})"
    if wrong is found[0]:
        return [
            f"Normal random latents are not what it was trained with {where}: perhaps it took uniform ones, or its "
            "first layer is not the usual one."
        ]
    return [
        f"The rebuilt network does not behave as in training {where}: an activation or another detail that the file "
        "does not hold may differ, and pictures may be wrong."
    ]


def _alternative(config: ImportedConfig) -> tuple[ImportedConfig, str] | None:
    """What else the same weights may belong to, and what to say of it: a DCGAN with LeakyReLU(0.2), or PyTorch-GAN's
    fully connected one of its first months. None where the project's code leaves nothing to guess."""
    plan = config.plan
    if config.family == f"{PREFIX}dcgan":
        layers, why = [leaky(0.2) if layer["op"] == "relu" else layer for layer in plan["layers"]], _LEAKY
    elif config.family == f"{PREFIX}pytorch-gan-wgan":
        layers, why = [{**layer, "eps": 1e-5} if layer["op"] == "norm" else layer for layer in plan["layers"]], _EPS
    else:
        return None
    return replace(config, architecture=json.dumps({**plan, "layers": layers})), why


def _listed(names: Sequence[str]) -> str:
    more = len(names) - 5
    return ", ".join(names[:5]) + (f" and {more} more" if more > 0 else "")
