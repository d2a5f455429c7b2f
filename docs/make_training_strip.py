"""Make docs/images/training-stages.png: ``python docs/make_training_strip.py RUN STEP STEP ...``"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

PICTURES = 16


def main(run: Path, steps: list[int]) -> None:
    """One line for each step: the first pictures of its samples, which are always of the same latents."""
    from gan.images import save_png, sheet
    from gan.latent.vectors import load_vectors
    from gan.rendering import open_renderer
    from gan.training.run_directory import RunDirectory

    directory = RunDirectory(run)
    latents = load_vectors(directory.preview_z_path)[:PICTURES]
    lines = [sheet(open_renderer(directory.checkpoint(step), "cpu").pixels(latents), PICTURES) for step in steps]
    gap = np.full((4, *lines[0].shape[1:]), 255, np.uint8)
    stacked = [part for line in lines for part in (line, gap)][:-1]
    save_png(HERE / "images" / "training-stages.png", np.concatenate(stacked))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(word) for word in sys.argv[2:]])
