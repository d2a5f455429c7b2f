"""How another project's file is to be drawn: every answer to what it does not tell, as a picture to be chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gan.importers.choices import OPTIONS, Choices
from latent_debugger.views import theme
from latent_debugger.views.dialog import Dialog, button
from latent_debugger.views.pixmaps import tile_pixmap

SIDE = 13 * theme.UNIT
"""Logical pixels of a picture."""
_CORNER = 4.0
_QUESTIONS = {
    "activation": ("Last step of the network", "What the numbers of a picture go through at the end."),
    "output_range": ("Black and white", "Which numbers of the network are black and white."),
    "batch_stats": ("Normalisation", "By what the file remembers of training, or by pictures drawn together."),
}
_WORDS = {
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "none": "Nothing",
    "-1..1": "−1 to 1",
    "0..1": "0 to 1",
    "running": "Remembered",
    "batch": "Drawn together",
}


class DrawnAsDialog(Dialog):
    """Shows a picture of each answer; ``objectName`` dialog.drawn_as. Each card is called ``drawn_as.QUESTION.ANSWER``,
    after :class:`Choices`.

    Args:
        name: of the file.
    """

    wanted = Signal(object)
    """Choices: :meth:`set_picture` is asked for how the file looks with them."""
    chosen = Signal(object)
    """Choices: the user wants the file drawn like this."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__("dialog.drawn_as", "How it is drawn", parent)
        self._choices = Choices()
        self._pictures: dict[Choices, QImage] = {}
        self._asked: set[Choices] = set()
        self._cards: dict[tuple[str, str], QToolButton] = {}
        title = QLabel(name)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setFont(theme.caption_font())
        self._about = QLabel("Drawing…")
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setObjectName("drawn_as.about")
        self._about.setProperty("quiet", True)
        self._about.setWordWrap(True)
        self._about.setMinimumWidth(3 * SIDE + 12 * theme.UNIT)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2 * theme.UNIT)
        self._use = button(
            "drawn_as.use", "Draw it like this", "Open the file as chosen, now and whenever it is opened"
        )
        self._use.setEnabled(False)
        self._use.setDefault(True)
        self._use.clicked.connect(self._accept)
        self.column.addWidget(title)
        self.column.addWidget(self._about)
        self.column.addSpacing(theme.UNIT)
        self.column.addLayout(self._rows)
        self.column.addSpacing(theme.UNIT)
        self.column.addStretch(1)
        self.add_buttons(None, self._use)
        theme.themed.changed.connect(self._refresh)

    @property
    def choices(self) -> Choices:
        """What is chosen; all empty until :meth:`set_choices`."""
        return self._choices

    def set_choices(self, choices: Choices, source: str) -> None:
        """Offer the questions that ``choices`` answers, with these answers to begin with.

        Args:
            source: whose generator it is.
        """
        self._choices = choices
        self._about.setText(f"{source}. The file does not tell everything: choose the pictures that look right.")
        for question, (heading, note) in _QUESTIONS.items():
            if getattr(choices, question) is not None:
                self._add_row(question, heading, note)
        self._use.setEnabled(True)
        self._refresh()
        first = next((card for card in self._cards.values() if card.isChecked()), None)
        if first is not None:
            first.setFocus()

    def set_picture(self, choices: Choices, image: QImage | None) -> None:
        """The answer to :attr:`wanted`; None where the file cannot be drawn like that."""
        self._pictures[choices] = QImage() if image is None else image
        self._refresh()

    def say(self, text: str) -> None:
        """Tell why there is nothing to choose."""
        self._about.setText(text)

    def _add_row(self, question: str, heading: str, note: str) -> None:
        title = QLabel(heading)
        title.setFont(theme.caption_font())
        quiet = QLabel(note)
        quiet.setProperty("quiet", True)
        cards, group = QHBoxLayout(), QButtonGroup(self)
        cards.setSpacing(theme.UNIT)
        for answer in OPTIONS[question]:
            card = self._card(question, answer, heading)
            group.addButton(card)
            cards.addWidget(card)
        cards.addStretch(1)
        row = QVBoxLayout()
        row.setSpacing(theme.UNIT // 2)
        row.addWidget(title)
        row.addWidget(quiet)
        row.addLayout(cards)
        self._rows.addLayout(row)

    def _card(self, question: str, answer: str, heading: str) -> QToolButton:
        card = QToolButton()
        card.setObjectName(f"drawn_as.{question}.{answer}")
        card.setProperty("card", True)
        card.setAccessibleName(f"{heading}: {_WORDS[answer]}")
        card.setText(_WORDS[answer])
        card.setCheckable(True)
        card.setChecked(getattr(self._choices, question) == answer)
        card.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        card.setIconSize(QSize(SIDE, SIDE))
        # the style's own hint cuts the descenders off
        card.setFixedSize(SIDE + 3 * theme.UNIT, SIDE + card.fontMetrics().height() + 3 * theme.UNIT)
        card.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        card.clicked.connect(self._choose)
        self._cards[question, answer] = card
        return card

    @Slot()
    def _choose(self) -> None:
        _, question, answer = self.sender().objectName().split(".", 2)
        self._choices = _with(self._choices, question, answer)
        for (asked, said), card in self._cards.items():
            card.setChecked(getattr(self._choices, asked) == said)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        """Every card shows what choosing it would give; what is not drawn yet is asked for, the likeliest first."""
        ratio, ground = self.devicePixelRatioF(), theme.current().pressed
        blank = QImage(1, 1, QImage.Format.Format_RGB32)
        blank.fill(theme.colour("pressed"))
        for (question, answer), card in self._cards.items():
            choices = _with(self._choices, question, answer)
            image = self._pictures.get(choices)
            drawn = image is not None and not image.isNull()
            card.setIcon(QIcon(tile_pixmap(image if drawn and image else blank, SIDE, ratio, _CORNER, ground)))
            card.setEnabled(image is None or drawn)
            says = (
                "Draw it like this" if drawn else "Not drawn yet" if image is None else "It cannot be drawn like this"
            )
            card.setToolTip(says)
            if image is None and choices not in self._asked:
                self._asked.add(choices)
                self.wanted.emit(choices)

    @Slot()
    def _accept(self) -> None:
        self.chosen.emit(self._choices)
        self.close()


def _with(choices: Choices, question: str, answer: str) -> Choices:
    """With another answer. A sigmoid makes numbers from 0 to 1, others mostly from -1 to 1: the range goes along."""
    if question == "activation" and answer != choices.activation:
        choices = replace(choices, output_range="0..1" if answer == "sigmoid" else "-1..1")
    return replace(choices, **cast(Any, {question: answer}))
