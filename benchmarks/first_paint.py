"""``python app.py`` until the first picture is on the canvas: then it says so and ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from latent_debugger.application import build
from latent_debugger.platform_check import check_libraries

PATIENCE_MS = 60_000


def main() -> None:
    """What ``latent_debugger.application.main`` does, and an end."""
    check_libraries()
    app, window = build([])
    from PySide6.QtCore import QTimer

    def painted(_generation: object) -> None:
        print("painted", flush=True)
        QTimer.singleShot(0, window.close)  # the last window: this ends the event loop

    window.canvas.painted.connect(painted)
    QTimer.singleShot(PATIENCE_MS, lambda: os._exit(1))  # never outlive the benchmark
    sys.exit(app.exec())


if __name__ == "__main__":
    main()
