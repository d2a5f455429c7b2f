"""How a path becomes a film: format, pictures a second, size, quality; and what that comes to."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QSpinBox, QWidget

from gan.errors import UserError
from gan.films import MAX_GIF_FPS, MAX_SIDE
from gan.instruments.paths import Route
from latent_debugger.state.path import MAX_FPS, MIN_FPS, SCALES, FilmOptions
from latent_debugger.views import theme
from latent_debugger.views.dialog import Dialog, button
from latent_debugger.views.neighbour_fields import combo

KINDS = (("MP4 film", "mp4"), ("GIF", "gif"), ("PNG pictures in a folder", "png"))
KIND_HELP = (
    "MP4: a film (H.264) that plays everywhere.\n"
    "GIF: repeats for ever, 256 colours, at most 50 pictures a second.\n"
    "PNG: every picture exactly as it is, with its latent inside."
)
LOOKS = (("Pixels as squares", False), ("Smoothed", True))
QUALITIES = (("Good", "good"), ("Best, large file", "best"), ("Small file", "small"))


class PathExportDialog(Dialog):
    """Asks for :class:`FilmOptions`.

    Signals:
        export_requested(FilmOptions): the next step is to choose a file.

    Args:
        route: what is to be exported.
        side: height and width of a picture in pixels.
    """

    export_requested = Signal(object)

    def __init__(self, options: FilmOptions, route: Route, side: int, parent: QWidget | None = None) -> None:
        super().__init__("dialog.export_path", "Export path", parent)
        self._route, self._side = route, side
        self.kind = combo("path.film.kind", "Format", KINDS, KIND_HELP)
        self.fps = QSpinBox()
        self.fps.setObjectName("path.film.fps")
        self.fps.setAccessibleName("Pictures a second")
        self.fps.setToolTip("Pictures a second: 24 to 30 look smooth")
        self.fps.setRange(MIN_FPS, MAX_FPS)
        self.fps.setSuffix(" a second")
        self.fps.lineEdit().setTextMargins(4, 0, 0, 0)  # the stylesheet's padding does not reach inside
        self.scale = QComboBox()
        self.scale.setObjectName("path.film.scale")
        self.scale.setAccessibleName("Size")
        self.scale.setToolTip("How much larger than the model draws it")
        for factor in sorted(SCALES):
            self.scale.addItem(f"×{factor}, {factor * side} × {factor * side} pixels", factor)
        self.look = combo("path.film.look", "Enlarged", (), "How an enlarged picture looks")
        for text, smooth in LOOKS:
            self.look.addItem(text, smooth)
        self.quality = combo("path.film.quality", "Quality", QUALITIES, "Against size, of an MP4")
        self.told = QLabel()
        self.told.setObjectName("path.film.told")
        self.told.setProperty("quiet", True)
        self.told.setFont(theme.numbers_font(self.told.font()))
        self.told.setWordWrap(True)
        self.export = button("path.film.export", "Choose file…", "Choose where to save it, and export")
        self.export.setDefault(True)
        self._lay_out()
        self.kind.setCurrentIndex(self.kind.findData(options.kind))
        self.fps.setValue(options.fps)
        self.scale.setCurrentIndex(self.scale.findData(options.scale))
        self.look.setCurrentIndex(self.look.findData(options.smooth))
        self.quality.setCurrentIndex(self.quality.findData(options.quality))
        for box in (self.kind, self.scale, self.look, self.quality):
            box.currentIndexChanged.connect(self._show)
        self.fps.valueChanged.connect(self._show)
        self.export.clicked.connect(self._ask)
        self._show()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(2 * theme.UNIT)
        form.setVerticalSpacing(theme.UNIT)
        for text, field in (
            ("Format", self.kind),
            ("Pictures", self.fps),
            ("Size", self.scale),
            ("Enlarged", self.look),
            ("Quality", self.quality),
        ):
            label = QLabel(text)
            label.setProperty("quiet", True)
            label.setBuddy(field)
            form.addRow(label, field)
        self.column.addLayout(form)
        self.column.addWidget(self.told)
        self.add_buttons(None, self.export)
        self.setMinimumWidth(48 * theme.UNIT)

    def options(self) -> FilmOptions:
        """What is chosen now."""
        return FilmOptions(
            self.kind.currentData(),
            self.fps.value(),
            self.scale.currentData(),
            bool(self.look.currentData()),
            self.quality.currentData(),
        )

    @Slot()
    def _show(self) -> None:
        options = self.options()
        self.quality.setEnabled(options.kind == "mp4")
        self.look.setEnabled(options.scale > 1)
        self.fps.setMaximum(MAX_GIF_FPS if options.kind == "gif" else MAX_FPS)
        side, problem, count = options.scale * self._side, "", 0
        try:
            count = self._route.count(self.fps.value())
        except UserError as error:
            problem = str(error)
        if side > MAX_SIDE:
            problem = f"{MAX_SIDE} pixels is the most for a film. Choose a smaller size."
        pictures = f"{count:,} picture{'s' if count != 1 else ''}"
        self.told.setText(problem or f"{self._route.seconds:.1f} s, {pictures}, {side} × {side} pixels")
        self.told.setProperty("problem", bool(problem))
        self.told.style().polish(self.told)
        self.export.setEnabled(not problem)

    @Slot()
    def _ask(self) -> None:
        options = self.options()
        self.close()
        self.export_requested.emit(options)
