"""What makes directions: a search of the network, or stars tagged + and −."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gan.latent.directions import MAX_NAME
from latent_debugger.state.directions import MAX_DIRECTIONS, DirectionSettings
from latent_debugger.views import icons, theme

METHODS = (
    ("SeFa", "sefa", "What the network’s first layer amplifies most; exact, at once, the same for every latent"),
    (
        "Activation PCA",
        "pca",
        "How an early layer’s activations vary most over 2,048 random latents; takes some seconds",
    ),
    ("Local axes", "local", "What changes most pixels around the latent on the canvas; other latents have others"),
)
WIDTH = 240


class DirectionFinder(QWidget):
    """Says what the user wants found or learnt.

    Signals:
        find_requested(), learn_requested(), cancel_requested(): of a search or of learning, whichever is under way.
        tag_requested(sign): tag the selected stars + or -.
        settings_changed(dict): method, count or attribute, as :class:`DirectionSettings` calls them.
    """

    find_requested = Signal()
    learn_requested = Signal()
    cancel_requested = Signal()
    tag_requested = Signal(str)
    settings_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.method = _method_box()
        self.count = _count_field()
        self.find = _button("direction.findButton", "Find", "Find directions of this kind in the network", "search")
        self.attribute = _attribute_box()
        self.plus = _button("direction.plusButton", "+", "Tag the selected stars as having it")
        self.minus = _button("direction.minusButton", "−", "Tag the selected stars as not having it")
        self.learn = _button(
            "direction.learnButton", "Learn", "Learn the direction from the stars tagged − to those tagged +", "sparkle"
        )
        self.cancel = _button("direction.cancelButton", "Cancel", "Cancel (Esc)", "close")
        self.progress = QProgressBar()
        self.progress.setObjectName("direction.progress")
        self.progress.setAccessibleName("Progress")
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.told = QLabel()
        self.told.setObjectName("direction.told")
        self.told.setProperty("quiet", True)
        self.told.setWordWrap(True)
        self._available = False
        self._busy = ""
        self._lay_out()
        self.method.currentIndexChanged.connect(self._say_method)
        self.count.valueChanged.connect(self._say_count)
        self.attribute.editTextChanged.connect(self._say_attribute)
        self.find.clicked.connect(self._ask_find)
        self.learn.clicked.connect(self._ask_learn)
        self.cancel.clicked.connect(self._ask_cancel)
        self.plus.clicked.connect(self._ask_plus)
        self.minus.clicked.connect(self._ask_minus)
        self.set_counts(0, 0, "", 0)
        self.set_busy("")

    def _lay_out(self) -> None:
        unit = theme.UNIT
        column, search, tags = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        for line in (search, tags):
            line.setSpacing(unit // 2)
        search.addWidget(self.method, 1)
        search.addWidget(self.count)
        tags.addWidget(self.plus, 1)
        tags.addWidget(self.minus, 1)
        tags.addWidget(self.learn, 2)
        busy = QHBoxLayout()
        busy.setSpacing(unit)
        busy.addWidget(self.progress, 1)
        busy.addWidget(self.cancel)
        line = QFrame()
        line.setFixedHeight(1)
        line.setStyleSheet("background: palette(mid);")
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(unit // 2 + 2)
        column.addWidget(_caption("In the network", self.method))
        column.addLayout(search)
        column.addWidget(self.find)
        column.addSpacing(unit // 2)
        column.addWidget(line)
        column.addSpacing(unit // 2)
        column.addWidget(_caption("From tagged stars", self.attribute))
        column.addWidget(self.attribute)
        column.addLayout(tags)
        column.addWidget(self.told)
        column.addStretch(1)
        column.addLayout(busy)
        self.setFixedWidth(WIDTH)

    # setters

    def set_settings(self, settings: DirectionSettings) -> None:
        """Show how it is set; emits nothing."""
        for field in (self.method, self.count, self.attribute):
            field.blockSignals(True)
        self.method.setCurrentIndex(self.method.findData(settings.method))
        self.count.setValue(settings.count)
        if self.attribute.currentText() != settings.attribute:
            self.attribute.setEditText(settings.attribute)
        for field in (self.method, self.count, self.attribute):
            field.blockSignals(False)

    def set_known(self, names: Sequence[str]) -> None:
        """Attributes that stars are tagged with, to choose from."""
        if [self.attribute.itemText(k) for k in range(self.attribute.count())] != list(names):
            text = self.attribute.currentText()
            self.attribute.blockSignals(True)
            self.attribute.clear()
            self.attribute.addItems(list(names))
            self.attribute.setEditText(text)
            self.attribute.blockSignals(False)

    def set_counts(self, plus: int, minus: int, remark: str, selected: int) -> None:
        """How many stars are tagged so.

        Args:
            remark: what the user should know of them; empty for nothing.
            selected: how many stars are selected, and could be tagged.
        """
        named = bool(self.attribute.currentText().strip())
        self.plus.setText(f"+ {plus}")
        self.minus.setText(f"− {minus}")
        self.plus.setAccessibleName(f"Tag the selected stars with +, {plus} are")
        self.minus.setAccessibleName(f"Tag the selected stars with −, {minus} are")
        self._ready = named and plus > 0 and minus > 0
        if not named:
            remark = "Name an attribute, such as glasses."
        elif not selected and not self._ready:
            remark = remark or "Select stars that have it and press +; then others, and −."
        self.told.setText(remark)
        self._taggable = named and selected > 0
        self._enable()

    def set_available(self, available: bool) -> None:
        """Whether there is a model."""
        self._available = available
        self._enable()

    def set_busy(self, what: str) -> None:
        """find or learn: it is under way; empty when nothing is."""
        if what != self._busy or not what:
            self.progress.setValue(0)
        self._busy = what
        held = self.cancel.hasFocus()
        for widget in (self.progress, self.cancel):
            widget.setVisible(bool(what))
        self._enable()
        if held and not what:
            self.find.setFocus()

    def set_progress(self, share: float) -> None:
        """How much is done, 0 ... 1."""
        self.progress.setValue(round(1000 * share))

    def _enable(self) -> None:
        self.find.setEnabled(self._available)
        for widget in (self.plus, self.minus):
            widget.setEnabled(self._available and self._taggable)
        self.learn.setEnabled(self._available and self._ready)

    # what the user wants

    @Slot()
    def _say_method(self) -> None:
        self.settings_changed.emit({"method": self.method.currentData()})
        self.method.setToolTip(METHODS[max(0, self.method.currentIndex())][2])

    @Slot(int)
    def _say_count(self, count: int) -> None:
        self.settings_changed.emit({"count": count})

    @Slot(str)
    def _say_attribute(self, text: str) -> None:
        self.settings_changed.emit({"attribute": text})

    @Slot()
    def _ask_find(self) -> None:
        self.find_requested.emit()

    @Slot()
    def _ask_learn(self) -> None:
        self.learn_requested.emit()

    @Slot()
    def _ask_cancel(self) -> None:
        self.cancel_requested.emit()

    @Slot()
    def _ask_plus(self) -> None:
        self.tag_requested.emit("+")

    @Slot()
    def _ask_minus(self) -> None:
        self.tag_requested.emit("-")


def _method_box() -> QComboBox:
    box = QComboBox()
    box.setObjectName("direction.method")
    box.setAccessibleName("Method")
    for text, value, help_ in METHODS:
        box.addItem(text, value)
        box.setItemData(box.count() - 1, help_, Qt.ItemDataRole.ToolTipRole)
    box.setToolTip(METHODS[0][2])
    return box


def _count_field() -> QSpinBox:
    field = QSpinBox()
    field.setObjectName("direction.count")
    field.setAccessibleName("Number of directions")
    field.setToolTip("How many directions to find, the strongest first")
    field.setRange(1, MAX_DIRECTIONS)
    field.setKeyboardTracking(False)
    field.setFont(theme.numbers_font(field.font()))
    return field


def _attribute_box() -> QComboBox:
    box = QComboBox()
    box.setObjectName("direction.attribute")
    box.setAccessibleName("Attribute")
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.lineEdit().setPlaceholderText("e.g. glasses")
    box.lineEdit().setMaxLength(MAX_NAME)
    box.lineEdit().setAccessibleName("Attribute")
    box.setToolTip("What to learn. Stars tagged NAME+ have it, stars tagged NAME- have it not")
    return box


def _button(name: str, text: str, tooltip: str, icon: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setToolTip(tooltip)
    button.setAutoDefault(False)
    button.setStyleSheet("QPushButton { padding: 0 6px; }")
    if icon:
        icons.set_icon(button, icon)
    return button


def _caption(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setFont(theme.caption_font(label.font()))
    label.setBuddy(buddy)
    return label
