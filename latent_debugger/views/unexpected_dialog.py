"""What the user sees of a bug: one sentence, the details on demand, and a window that goes on working."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from latent_debugger.views import icons, theme
from latent_debugger.views.dialog import CopyButton, Dialog, text_view

MAX_DETAILS = 20
"""So many different tracebacks are kept; more would only repeat the first ones' consequences."""


class UnexpectedDialog(Dialog):
    """One dialog for all unexpected errors in a row; ``objectName`` dialog.unexpected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("dialog.unexpected", "Something unexpected went wrong", parent)
        self.count = 0
        self._details: dict[str, int] = {}
        self._sentence = QLabel()
        self._sentence.setObjectName("unexpected.text")
        self._sentence.setWordWrap(True)
        sign = QLabel()
        sign.setPixmap(icons.pixmap("warning", theme.current().danger, 24, self.devicePixelRatioF()))
        above = QHBoxLayout()
        above.setSpacing(theme.UNIT + 4)
        above.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        above.addWidget(self._sentence, 1)
        self._toggle = QToolButton()
        self._toggle.setObjectName("unexpected.details")
        self._toggle.setText("Details")
        self._toggle.setAccessibleName("Details")
        self._toggle.setToolTip("Show or hide what a developer needs to know")
        self._toggle.setCheckable(True)
        self._toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._toggle.setArrowType(Qt.ArrowType.RightArrow)
        self._toggle.toggled.connect(self._unfold)
        self._text = text_view("unexpected.traceback", "Details of the error")
        self._text.setMinimumHeight(200)
        self._text.hide()
        self.column.addLayout(above)
        self.column.addWidget(self._toggle)
        self.column.addWidget(self._text, 1)
        self.add_buttons(None, CopyButton())

    def add(self, text: str) -> None:
        """One more error: its traceback, or what Qt said."""
        self.count += 1
        if text in self._details or len(self._details) < MAX_DETAILS:
            self._details[text] = self._details.get(text, 0) + 1
        times = "" if self.count == 1 else f" {self.count} times"
        self._sentence.setText(
            f"Something unexpected went wrong{times}. What you have done is saved, and you can go on working."
        )
        if self._text.isVisible():
            self._text.setPlainText(self.text())
        else:
            self._fit()

    def text(self) -> str:
        """Every different error once, with how often it came."""
        return "\n".join(
            f"{text.rstrip()}\n" + (f"({times} times)\n" if times > 1 else "") for text, times in self._details.items()
        )

    def _unfold(self, on: bool) -> None:
        self._toggle.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self._text.setPlainText(self.text() if on else "")
        self._text.setVisible(on)
        self._fit()

    def _fit(self) -> None:
        """As high as it has to be: wrapped text does not tell a layout its height before it knows its width."""
        width = 640 if self._toggle.isChecked() else 440
        self.column.activate()
        self.resize(width, max(self.column.totalHeightForWidth(width), self.column.totalMinimumSize().height()))
