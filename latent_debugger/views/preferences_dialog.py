"""Edit > Preferences. Every change takes effect at once; there is nothing to apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QSpinBox, QWidget

from gan.latent.neighbours import MAX_SIGMA
from latent_debugger.state.settings import (
    MAX_AUTOSAVE_S,
    MAX_RANGE,
    MIN_AUTOSAVE_S,
    MIN_RANGE,
    Preferences,
    Settings,
)
from latent_debugger.views import theme, wheel
from latent_debugger.views.dialog import Dialog, button

_THEMES = (("Same as the system", "system"), ("Light", "light"), ("Dark", "dark"))
_DEVICES = {"auto": "Fastest available", "cpu": "Processor (CPU)", "mps": "Apple GPU", "cuda": "NVIDIA GPU"}
_PREFIX = "preferences."

Field = QCheckBox | QComboBox | QSpinBox | QDoubleSpinBox


class PreferencesDialog(Dialog):
    """Edits ``preferences``; ``objectName`` dialog.preferences. The field of each setting is called
    ``preferences.SETTING``, after :class:`Settings`.

    Args:
        devices: what this machine can compute pictures on: auto, cpu, mps, cuda, cuda:0 ...
    """

    def __init__(self, preferences: Preferences, devices: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__("dialog.preferences", "Preferences", parent)
        self._preferences = preferences
        self._fields: dict[str, Field] = {}
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(3 * theme.UNIT)
        self._form.setVerticalSpacing(theme.UNIT)
        self._section("Appearance")
        self._add("theme", _combo(_THEMES), "&Theme", "Colours of the window")
        smooth = QCheckBox("&Smooth pictures")
        self._add("smooth", smooth, "", "Smooth the enlarged picture instead of showing its pixels")
        still = QCheckBox("Reduce &motion")
        self._add("reduced_motion", still, "", "Panels, menus and tooltips appear without moving or fading")
        self._section("Latents and neighbours")
        limit = _number(MIN_RANGE, MAX_RANGE, 0.5, 1)
        limit.setPrefix("±\N{THIN SPACE}")
        self._add("slider_range", limit, "&Range of the sliders", "How far the sliders go to either side")
        self._add(
            "default_sigma", _number(0.0, MAX_SIGMA, 0.05, 2), "&Default σ of neighbours",
            "What σ starts with, and goes back to with a double click on its slider",
        )  # fmt: skip
        self._section("Pictures")
        self._add("device", _combo(_device_choices(devices)), "&Device", "Where pictures are computed")
        self._note("The processor uses one thread, so that a picture is the same everywhere.")
        self._section("Session")
        seconds = QSpinBox()
        seconds.setRange(MIN_AUTOSAVE_S, MAX_AUTOSAVE_S)
        seconds.setSuffix(" s")
        self._add("autosave_s", seconds, "Save the session &within", "How long a change may wait to be written")
        self._note("Stars are saved at once.")
        self.column.addLayout(self._form)
        self.column.addSpacing(theme.UNIT)
        defaults = button("preferences.defaults", "Restore defaults", "Set everything here back to its first value")
        defaults.clicked.connect(self._restore_defaults)
        self.add_buttons(defaults, None)
        self._show(preferences.settings)
        preferences.changed.connect(self._show)
        self._fields["theme"].setFocus()
        wheel.guard(self)

    def _section(self, title: str) -> None:
        label = QLabel(title)
        label.setFont(theme.caption_font())
        label.setContentsMargins(0, theme.UNIT if self._form.rowCount() else 0, 0, 0)
        self._form.addRow(label)

    def _add(self, setting: str, field: Field, label: str, tooltip: str) -> None:
        field.setObjectName(_PREFIX + setting)
        field.setAccessibleName((label or field.text()).replace("&", ""))  # type: ignore[union-attr]
        field.setToolTip(tooltip)
        self._fields[setting] = field
        caption = QLabel(label)
        caption.setBuddy(field)
        caption.setMinimumHeight(field.sizeHint().height())  # or the form would lift it above the field's text
        self._form.addRow(caption, field)
        match field:
            case QCheckBox():
                field.toggled.connect(self._edit)
            case QComboBox():
                field.activated.connect(self._edit)
            case _:
                field.setKeyboardTracking(False)
                field.setFont(theme.numbers_font(field.font()))
                field.lineEdit().setTextMargins(4, 0, 0, 0)  # the stylesheet's padding does not reach inside
                field.valueChanged.connect(self._edit)

    def _note(self, text: str) -> None:
        label = QLabel(text)
        label.setProperty("quiet", True)
        self._form.addRow("", label)

    @Slot()
    def _edit(self) -> None:
        setting = self.sender().objectName().removeprefix(_PREFIX)
        self._preferences.change(**{setting: _value(self._fields[setting])})

    @Slot(object)
    def _show(self, settings: Settings) -> None:
        for setting, field in self._fields.items():
            blocker = QSignalBlocker(field)
            _set_value(field, getattr(settings, setting))
            blocker.unblock()

    @Slot()
    def _restore_defaults(self) -> None:
        self._preferences.set(replace(Settings(), hints_done=self._preferences.settings.hints_done))


def _value(field: Field) -> object:
    match field:
        case QCheckBox():
            return field.isChecked()
        case QComboBox():
            return field.currentData()
        case _:
            return field.value()


def _set_value(field: Field, value: object) -> None:
    match field:
        case QCheckBox():
            field.setChecked(bool(value))
        case QComboBox():
            if field.findData(value) < 0:  # a graphics card that is not there today
                field.addItem(f"{value} (not present)", value)
            field.setCurrentIndex(field.findData(value))
        case _:
            field.setValue(value)  # type: ignore[arg-type]


def _combo(choices: Sequence[tuple[str, str]]) -> QComboBox:
    combo = QComboBox()
    for text, value in choices:
        combo.addItem(text, value)
    return combo


def _number(low: float, high: float, step: float, decimals: int) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setRange(low, high)
    field.setSingleStep(step)
    field.setDecimals(decimals)
    return field


def _device_choices(devices: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((_DEVICES.get(name, name.replace("cuda:", "NVIDIA GPU ")), name) for name in devices)
