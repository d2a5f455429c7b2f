"""Climbing towards what the critic likes: a picture before and after, and whether to keep it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from latent_debugger.state.critic import MAX_STEPS, MIN_STEPS
from latent_debugger.views import icons, theme
from latent_debugger.views import neighbour_fields as fields
from latent_debugger.views.canvas import to_qimage
from latent_debugger.views.pixmaps import tile_pixmap

Stage = Literal["idle", "climbing", "found"]
IDLE = "Walks uphill on the critic, as far from the origin as before; locked values stay."
_SIDES = (128, 96, 64)
_GAP, _WORDS, _CORNER = 24, 18, 4.0


class ImproveSection(QWidget):
    """Says what it is told, and what the user wants.

    Signals:
        steps_changed(n): by the user.
        improve_requested(), cancel_requested(), keep_requested(), discard_requested().
    """

    steps_changed = Signal(int)
    improve_requested = Signal()
    cancel_requested = Signal()
    keep_requested = Signal()
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("critic.improve")
        self.setAccessibleName("Improve")
        self._stage: Stage = "idle"
        self.steps = QSpinBox()
        self.steps.setObjectName("critic.steps")
        self.steps.setAccessibleName("Steps uphill")
        self.steps.setToolTip("Each step turns the latent by at most 3°")
        self.steps.setRange(MIN_STEPS, MAX_STEPS)
        self.steps.setKeyboardTracking(False)
        self.steps.setFont(theme.numbers_font(self.steps.font()))
        self.start = _button("critic.improveButton", "Improve", "sparkle", "Find a picture nearby that it likes more")
        self.cancel = _button("critic.cancelImprove", "Cancel", "close", "Stop, and keep nothing (Esc)")
        self.keep = _button("critic.keep", "Keep", "check", "Go to the picture found; one step that Undo takes back")
        self.discard = _button("critic.discard", "Discard", "close", "Stay where you are (Esc)")
        self.pair = PicturePair()
        self.told = QLabel(IDLE)
        self.told.setObjectName("critic.improved")
        self.told.setWordWrap(True)
        self.told.setProperty("quiet", True)
        self.told.setFont(theme.numbers_font(self.told.font()))
        self.bar = QProgressBar()
        self.bar.setObjectName("critic.climbed")
        self.bar.setAccessibleName("Steps done")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self._lay_out()
        self.steps.valueChanged.connect(self.steps_changed)
        for button, signal in (
            (self.start, self.improve_requested),
            (self.cancel, self.cancel_requested),
            (self.keep, self.keep_requested),
            (self.discard, self.discard_requested),
        ):
            button.clicked.connect(signal)
        self.set_stage("idle")

    def _lay_out(self) -> None:
        title = QLabel("Improve")
        title.setFont(theme.caption_font())
        column, line, end = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        for row in (line, end):
            row.setSpacing(theme.UNIT)
        line.addWidget(fields.caption("Steps", self.steps))
        line.addWidget(self.steps)
        line.addWidget(self.start, 1)
        line.addWidget(self.cancel, 1)
        end.addWidget(self.keep, 1)
        end.addWidget(self.discard, 1)
        column.addWidget(title)
        column.addLayout(line)
        column.addWidget(self.bar)
        column.addWidget(self.pair, 100)
        column.addWidget(self.told)
        column.addLayout(end)
        column.addStretch(1)

    @property
    def stage(self) -> Stage:
        """``idle``, ``climbing``, or ``found``: something waits to be kept."""
        return self._stage

    def set_stage(self, stage: Stage, told: str = IDLE) -> None:
        """Show the buttons of another stage, and say ``told``."""
        self._stage = stage
        focused = any(button.hasFocus() for button in (self.start, self.cancel, self.keep, self.discard))
        self.start.setVisible(stage != "climbing")
        self.start.setText("Improve again" if stage == "found" else "Improve")
        self.cancel.setVisible(stage == "climbing")
        self.bar.setVisible(stage == "climbing")
        for button in (self.keep, self.discard):
            button.setVisible(stage == "found")
        self.pair.setVisible(stage != "idle")
        self.steps.setEnabled(stage != "climbing")
        self.told.setText(told)
        if focused:
            {"idle": self.start, "climbing": self.cancel, "found": self.keep}[stage].setFocus()

    def set_steps(self, steps: int) -> None:
        """Show how many steps are taken; nothing is announced."""
        self.steps.blockSignals(True)
        self.steps.setValue(steps)
        self.steps.blockSignals(False)

    def advance(self, share: float, told: str) -> None:
        """``share`` of the steps are done."""
        self.bar.setValue(round(1000 * share))
        self.told.setText(told)

    def escape(self) -> bool:
        """Cancel or discard; False where there is nothing to end."""
        if self._stage == "climbing":
            self.cancel_requested.emit()
        elif self._stage == "found":
            self.discard_requested.emit()
        else:
            return False
        return True


class PicturePair(QWidget):
    """Two pictures side by side, each with a word below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("critic.pair")
        self.setAccessibleName("Before and after")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._images = [QImage(), QImage()]
        theme.themed.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(2 * 96 + _GAP, 96 + _WORDS)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * _SIDES[-1] + _GAP, _SIDES[-1] + _WORDS)

    def clear(self) -> None:
        """No pictures yet."""
        self._images = [QImage(), QImage()]
        self.update()

    def set_picture(self, place: int, image: npt.NDArray[np.uint8]) -> None:
        """The one before (0) or after (1): uint8 (height, width, channels)."""
        self._images[place] = to_qimage(image)
        self.update()

    def picture(self, place: int) -> QImage:
        """What is shown there; a null one for nothing."""
        return self._images[place]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = next((side for side in _SIDES if self._fits(side)), _SIDES[-1])
        left = max(0, (self.width() - 2 * side - _GAP) // 2)
        for place, word in enumerate(("before", "after")):
            spot = QRect(left + place * (side + _GAP), 0, side, side)
            if self._images[place].isNull():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("hover"))
                painter.drawRoundedRect(QRectF(spot), _CORNER, _CORNER)
            else:
                ratio = self.devicePixelRatioF()
                shown = tile_pixmap(self._images[place], side, ratio, _CORNER, theme.current().surface)
                painter.drawPixmap(spot.topLeft(), shown)
            painter.setPen(theme.colour("muted"))
            painter.drawText(spot.adjusted(0, side, 0, _WORDS), Qt.AlignmentFlag.AlignCenter, word)

    def _fits(self, side: int) -> bool:
        return self.width() >= 2 * side + _GAP and self.height() >= side + _WORDS


def _button(name: str, text: str, icon: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    icons.set_icon(button, icon)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setToolTip(tooltip)
    return button
