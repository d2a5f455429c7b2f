"""What one picture costs, without a window."""

from __future__ import annotations

import os
import time
from statistics import median

import torch

from benchmarks.figure import Figure
from gan.latent.draws import draw
from gan.rendering import open_renderer
from latent_debugger.application import bundled_model


def render(quick: bool) -> list[Figure]:
    """The bundled model, picture by picture: on one thread of the processor, or on $BENCHMARK_DEVICE."""
    checkpoint = bundled_model()
    if checkpoint is None:
        raise RuntimeError("there is no bundled model in checkpoints/people64")
    torch.set_num_threads(1)
    renderer = open_renderer(checkpoint, os.environ.get("BENCHMARK_DEVICE", "cpu"))
    latents = draw(20 if quick else 400, renderer.dim, seed=0)
    spent = []
    for row in latents:
        began = time.perf_counter()
        renderer.pixels(row[None])
        spent.append((time.perf_counter() - began) * 1000)
    size, width = renderer.info.config.image_size, renderer.info.config.width
    return [Figure(f"render: one picture, {size} px, width {width}, {renderer.device}", median(spent), "ms")]
