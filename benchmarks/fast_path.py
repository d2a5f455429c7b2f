"""One picture on one thread of the processor: as torch runs the network, as Renderer does, as ONNX Runtime does.

The three take turns in short blocks, so that whatever slows the machine down slows all of them.
"""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import torch

from benchmarks.figure import Figure
from gan.checkpoints import CheckpointInfo
from gan.config import ModelConfig
from gan.latent.draws import Latents, draw
from gan.models import build_generator
from gan.rendering import Renderer

GOAL = 1.25  # times ONNX Runtime
BLOCK = 10


def fast_path(quick: bool) -> list[Figure]:
    """Width 64 at 64 and 128 px; ONNX Runtime where ``pip install onnx onnxruntime`` has been run."""
    torch.set_num_threads(1)
    if not _has_onnx():
        print("ONNX Runtime is not compared: pip install onnx onnxruntime")
    return [figure for size in (64, 128) for figure in _compare(ModelConfig(image_size=size, width=64), quick)]


def _compare(config: ModelConfig, quick: bool) -> list[Figure]:
    torch.manual_seed(0)
    generator = build_generator(config).eval().requires_grad_(False)
    renderer = Renderer(generator, CheckpointInfo(Path("random"), config.family, config, 0), torch.device("cpu"))
    latent = draw(1, config.z_dim, seed=0)

    @torch.inference_mode()
    def eager() -> None:
        generator(torch.from_numpy(latent))

    runs: dict[str, Callable[[], object]] = {"eager": eager, "Renderer": lambda: renderer.raw(latent)}
    if _has_onnx():
        runs["ONNX Runtime"] = _onnx(generator, latent)
    spent = _take_turns(runs, 2 if quick else 60)
    where = f"{config.image_size} px, width {config.width}"
    figures = [Figure(f"fast path: {name}, {where}", median(values), "ms") for name, values in spent.items()]
    if "ONNX Runtime" in spent:
        ratio = median(a / b for a, b in zip(spent["Renderer"], spent["ONNX Runtime"], strict=True))
        figures.append(Figure(f"fast path: Renderer / ONNX Runtime, {where}", ratio, "×", GOAL))
    return figures


def _has_onnx() -> bool:
    """Whether ONNX Runtime is installed, and what torch needs to write a file for it."""
    return all(find_spec(name) is not None for name in ("onnx", "onnxruntime"))


def _onnx(generator: torch.nn.Module, latent: Latents) -> Callable[[], object]:
    """The same network in ONNX Runtime, one thread."""
    import onnxruntime

    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the newer exporter needs yet another package
        torch.onnx.export(generator, (torch.from_numpy(latent),), file, input_names=["z"], dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"z": latent})


def _take_turns(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Name -> the median of each block in ms; two calls bring the weights back into the cache and do not count."""
    medians: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            run()
            run()
            spent = []
            for _ in range(BLOCK):
                began = time.perf_counter()
                run()
                spent.append((time.perf_counter() - began) * 1000)
            medians[name].append(median(spent))
    return medians
