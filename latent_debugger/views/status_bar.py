"""The line at the foot of the window: which model, how fast, how far from the origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from latent_debugger.views import theme

if TYPE_CHECKING:
    from latent_debugger.state.model import OpenModel

SEPARATOR = " · "


class StatusBar(QStatusBar):
    """``people64 · step 20000 · cpu`` on the left, measurements on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self.setAccessibleName("Status")
        self._model = self._label("status.model", "Model")
        self._timing = self._label("status.timing", "Speed")
        self._timing.setToolTip(
            "How long the network took, how long from the change to the picture on screen,\n"
            "and how many changes were overtaken by newer ones before they were drawn"
        )
        self._norm = self._label("status.norm", "Length of z")
        self._norm.setToolTip(
            "The length of z, and how many of 100 random draws are shorter.\n"
            "Very short and very long ones look less real."
        )
        self.addWidget(self._model, 1)
        self.addPermanentWidget(self._timing)
        self.addPermanentWidget(self._norm)
        self.set_model(None)

    def set_model(self, model: OpenModel | None) -> None:
        """Name the model, its training step (generator updates) or the class it draws, and the device it runs on."""
        if model is None:
            self._model.setText("No model")
            self._timing.clear()
            self._norm.clear()
            return
        self._model.setText(SEPARATOR.join((model.name, model.label or f"step {model.step}", model.device)))
        self._model.setToolTip(str(model.path))

    def set_timing(self, model_ms: float, frame_ms: float, dropped: int) -> None:
        """Say how long the network took, how long from the change to the picture (both ms), and how many changes were
        overtaken by a newer one before they were drawn."""
        parts = (f"model {_ms(model_ms)}", f"frame {_ms(frame_ms)}", f"{dropped} dropped")
        self._timing.setText(SEPARATOR.join(parts))

    def set_norm(self, norm: float, percentile: float) -> None:
        """Show |z| and the percentile (0 to 100) of that length among random draws."""
        self._norm.setText(f"|z| {norm:.1f} ({percentile:.0f} %)")

    def text(self) -> str:
        """Everything the bar says, on one line."""
        return SEPARATOR.join(label.text() for label in (self._model, self._timing, self._norm) if label.text())

    @staticmethod
    def _label(name: str, accessible: str) -> QLabel:
        label = QLabel()
        label.setObjectName(name)
        label.setAccessibleName(accessible)
        label.setFont(theme.numbers_font())
        label.setContentsMargins(theme.UNIT, 0, theme.UNIT, 0)
        return label


def _ms(value: float) -> str:
    """Two significant digits are all one can feel."""
    return f"{value:.1f} ms" if value < 9.95 and f"{value:.1f}"[-1] != "0" else f"{value:.0f} ms"
