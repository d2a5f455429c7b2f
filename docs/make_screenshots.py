"""Make the pictures of the README and the guide: ``make screenshots``. Real window, real model, no display needed."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

SEEDS = (55, 4, 12, 23, 28, 41, 56, 63, 70, 71, 79, 93)
"""Of the stars on show: chosen by eye among seeds 0 to 95, as a user would. The samples below are not chosen."""


def main() -> None:
    """Write docs/images/: the window in both themes, and samples beside training pictures."""
    make_samples()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENT_DEBUGGER_HOME"] = home
        from latent_debugger.application import build, save_screenshot

        _, window = build(["--theme", "light", "--size", "1400x900"])
        wiring = window.property("wiring")
        wiring.wait_idle()
        for seed in SEEDS:
            wiring.editor.random(seed)
            wiring.wait_idle()
            window.action_map["bookmark.add"].trigger()
            wiring.wait_idle()
        wiring.editor.random(SEEDS[0])
        wiring.session.neighbours.set_count(24)
        window.action_map["neighbours.sample"].trigger()
        for theme in ("light", "dark"):
            window.set_theme(theme)
            save_screenshot(window, HERE / "images" / f"window-{theme}.png")
        window.close()


def make_samples() -> None:
    """64 uncurated samples (the first 64 of seed 0) beside the first 64 training pictures, which are seed 0's too."""
    import numpy as np

    from gan.data.people import make_people
    from gan.images import save_png, sheet
    from gan.latent.draws import draw
    from gan.rendering import open_renderer
    from latent_debugger.application import bundled_model

    model = bundled_model()
    assert model is not None
    renderer = open_renderer(model, "cpu")
    with tempfile.TemporaryDirectory() as folder:
        make_people(Path(folder), 64, 64, seed=0)
        people = np.load(Path(folder) / "images.npy")
    sheets = [sheet(images, 8) for images in (renderer.pixels(draw(64, renderer.dim, seed=0)), people)]
    gap = np.full((sheets[0].shape[0], 32, 3), 255, np.uint8)
    save_png(HERE / "images" / "samples-beside-training.png", np.concatenate([sheets[0], gap, sheets[1]], axis=1))


if __name__ == "__main__":
    main()
