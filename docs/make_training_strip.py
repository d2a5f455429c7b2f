"""Make a picture of a run's stages: ``python docs/make_training_strip.py RUN OUT.png STEP STEP ...``"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

WIDTH = 1024  # pixels


def main(run: Path, out: Path, steps: list[int]) -> None:
    """One line for each step: the first pictures of its samples, which are always of the same latents."""
    from gan.images import save_png, sheet
    from gan.latent.vectors import load_vectors
    from gan.rendering import open_renderer
    from gan.training.run_directory import RunDirectory

    directory = RunDirectory(run)
    count = WIDTH // directory.read_config().model.image_size
    latents = load_vectors(directory.preview_z_path)[:count]
    lines = [sheet(open_renderer(directory.checkpoint(step), "cpu").pixels(latents), count) for step in steps]
    gap = np.full((4, *lines[0].shape[1:]), 255, np.uint8)
    stacked = [part for line in lines for part in (line, gap)][:-1]
    save_png(out, np.concatenate(stacked))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [int(word) for word in sys.argv[3:]])
