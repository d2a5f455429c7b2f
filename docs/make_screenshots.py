"""Make the pictures of the README and the guide: ``make screenshots``. Real window, real model, no display needed.

``python docs/make_screenshots.py RUN`` also shows the training panel with that run directory, and the data set people.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latent_debugger.views.main_window import MainWindow

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

SEEDS = (63, 4, 25, 20, 36, 27, 52, 31, 40, 71, 85, 12)
"""Of the stars on show: chosen by eye among seeds 0 to 95, as a user would. The samples below are not chosen."""


def main(run: Path | None = None) -> None:
    """Write docs/images/: the window in both themes, its work panels, and samples beside training pictures."""
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
        window.show_panel("timeline")
        rest(2.0)
        save_screenshot(window, HERE / "images" / "timeline.png")
        if run is not None:
            show_work(window, run)
        window.close()


def show_work(window: MainWindow, run: Path) -> None:
    """The training panel on ``run``, and the Dataset panel on its pictures."""
    from gan.training.run_directory import RunDirectory
    from latent_debugger.application import save_screenshot

    wiring = window.property("wiring")
    window.show_panel("training")
    wiring.training.take(run)
    rest(4.0)
    window.set_theme("light")
    save_screenshot(window, HERE / "images" / "training.png")
    window.show_panel("dataset")
    wiring.dataset.open(Path(str(RunDirectory(run).read_config().data["path"])))
    wiring.wait_idle(300)
    rest(3.0)
    save_screenshot(window, HERE / "images" / "dataset.png")


def rest(seconds: float) -> None:
    """Let the window work."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


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
    main(Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else None)
