"""What the panel *Dataset* shows without a pile: how to open one, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from latent_debugger.views import icons, theme

INVITATION = (
    "Open a folder of pictures, a .zip, an images.npy or a manifest, or drop one here.\n"
    "Keep the good ones (K), reject the others (X); your files are never touched."
)

_LONGEST = 40 * theme.UNIT
"""Pixels of a name."""


class StartPage(QWidget):
    """An invitation, or the progress of a scan.

    Signals:
        open_requested(), open_file_requested(), cancel_requested().
        again_requested(): go on with the pictures that were looked through last.
    """

    open_requested = Signal()
    open_file_requested = Signal()
    cancel_requested = Signal()
    again_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.text = QLabel(INVITATION)
        self.text.setObjectName("dataset.start")
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setProperty("quiet", True)
        self.open = _button("dataset.openButton", "open", "Open folder…", "Open a folder of pictures (Ctrl+Alt+O)")
        self.open_file = _button(
            "dataset.openFileButton", "import", "Open file…", "Open a .zip, an images.npy or a .jsonl manifest"
        )
        self.again = _button("dataset.againButton", "", "Go on", "Go on with the pictures looked through last")
        self.again.setDefault(True)
        self.bar = QProgressBar()
        self.bar.setObjectName("dataset.progress")
        self.bar.setAccessibleName("Looking at the pictures")
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(40 * theme.UNIT)
        self.cancel = _button("dataset.cancel", "close", "Cancel", "Stop looking; nothing is opened")
        column = QVBoxLayout(self)
        column.setSpacing(2 * theme.UNIT)
        column.addStretch(1)
        column.addWidget(self.text)
        for line in ((self.bar,), (self.again,), (self.open, self.open_file), (self.cancel,)):
            row = QHBoxLayout()
            row.setSpacing(theme.UNIT)
            row.addStretch(1)
            for widget in line:
                row.addWidget(widget)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(1)
        self.open.clicked.connect(self._open)
        self.open_file.clicked.connect(self._open_file)
        self.cancel.clicked.connect(self._cancel)
        self.again.clicked.connect(self._again)
        self._name = ""
        self._last = ""
        self.set_idle()

    def set_idle(self) -> None:
        """Invite."""
        self.text.setText(INVITATION)
        self._show(busy=False)

    def set_last(self, name: str, tooltip: str) -> None:
        """Offer to go on with the pictures that were looked through before the restart; an empty name for none."""
        self._last = name
        words = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _LONGEST).replace("&", "&&")
        self.again.setText(f"Go on with {words}")
        self.again.setAccessibleName(f"Go on with {name}")
        self.again.setToolTip(tooltip)
        self._show(busy=not self.cancel.isHidden())

    def set_busy(self, name: str) -> None:
        """The pictures of ``name`` are being looked at."""
        self._name = name
        self.text.setText(f"Looking through {name}…")
        self.bar.setRange(0, 0)
        self._show(busy=True)

    def set_progress(self, done: int, total: int) -> None:
        """How many pictures were looked at, of how many."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.text.setText(f"Looking through {self._name}: {done:,} of {total:,} pictures")

    def _show(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.again.setVisible(not busy and bool(self._last))
        self.open.setVisible(not busy)
        self.open_file.setVisible(not busy)

    @Slot()
    def _open(self) -> None:
        self.open_requested.emit()

    @Slot()
    def _open_file(self) -> None:
        self.open_file_requested.emit()

    @Slot()
    def _again(self) -> None:
        self.again_requested.emit()

    @Slot()
    def _cancel(self) -> None:
        self.cancel_requested.emit()


def _button(name: str, icon: str, text: str, tooltip: str) -> QPushButton:
    made = QPushButton(text)
    if icon:
        icons.set_icon(made, icon)
    made.setObjectName(name)
    made.setAccessibleName(text.removesuffix("…"))
    made.setToolTip(tooltip)
    return made
