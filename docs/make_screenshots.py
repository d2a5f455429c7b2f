"""Make the pictures of the README and the guide: ``make screenshots``. Real window, real model, no display needed."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

SEEDS = (11, 24, 36, 48, 57, 60, 73, 85, 91)
"""Of the stars on show: the first ones that somebody looking through the seeds would have kept."""


def main() -> None:
    """Write docs/images/window-light.png and window-dark.png."""
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


if __name__ == "__main__":
    main()
