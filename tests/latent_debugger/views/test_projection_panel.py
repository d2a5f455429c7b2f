from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QPixmap, QPixmapCache
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latent_debugger.state.projection import ProjectionSettings
from latent_debugger.views.picture_tile import PictureTile
from latent_debugger.views.projection_curve import ErrorCurve
from latent_debugger.views.projection_panel import INVITATION, NO_MODEL, READY, ProjectionPanel


def image() -> QImage:
    found = QImage(8, 8, QImage.Format.Format_RGB888)
    found.fill(0)
    return found


def test_it_says_what_is_next(qtbot: QtBot) -> None:
    panel = ProjectionPanel()
    qtbot.addWidget(panel)
    assert panel.target._empty == NO_MODEL and not panel.choose.isEnabled() and not panel.search.isEnabled()
    panel.set_model(True)
    assert panel.target._empty == INVITATION and panel.choose.isEnabled() and not panel.search.isEnabled()
    panel.set_target(image(), "me.png")
    assert panel.told.text() == READY and panel.search.isEnabled() and not panel.go.isEnabled()
    panel.set_busy(True)
    panel.advance(0.25, 0.01)
    panel.advance(0.5, 0.002)
    assert panel.told.text() == "Searching: 50 %" and panel.best.caption == "Error 0.00200"
    assert panel.curve.points == ((0.25, 0.01), (0.5, 0.002)) and panel.bar.value() == 500
    panel.set_best(image())
    assert panel.go.isEnabled()
    panel.set_busy(False)
    panel.set_results([0.002, 0.03])
    assert panel.search.text() == "Search again"
    panel.set_target(None)
    assert panel.results.rowCount() == 0 and not panel.go.isEnabled() and not panel.curve.points


def test_what_the_user_wants_is_told(qtbot: QtBot) -> None:
    panel = ProjectionPanel()
    qtbot.addWidget(panel)
    panel.set_model(True)
    panel.set_target(image(), "me.png")
    panel.set_best(image(), 0.01)
    panel.set_results([0.01, 0.02])
    rows: list[int] = []
    panel.go_requested.connect(rows.append)
    panel.go.click()
    panel.best.opened.emit()
    panel.list.setCurrentIndex(panel.results.index(1))
    panel.go.click()
    panel.list.opened.emit(panel.results.index(0))
    assert rows == [-1, -1, 1, 0]
    settings: list[ProjectionSettings] = []
    panel.settings_changed.connect(settings.append)
    panel.set_settings(ProjectionSettings(4, 100, False, "pad"))
    assert not settings
    panel.steps.setValue(150)
    assert settings == [ProjectionSettings(4, 150, False, "pad")]
    asked: list[str] = []
    panel.search_requested.connect(lambda: asked.append("search"))
    panel.cancel_requested.connect(lambda: asked.append("cancel"))
    panel.search.click()
    panel.set_busy(True)
    panel.search.click()
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    panel.search.setFocus()
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    assert asked == ["search", "cancel", "cancel"]


def test_a_file_can_be_dropped(qtbot: QtBot, tmp_path: Path) -> None:
    panel = ProjectionPanel()
    qtbot.addWidget(panel)
    panel.set_model(True)
    paths: list[Path] = []
    panel.picture_dropped.connect(paths.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.jpg"))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    panel.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none))
    assert paths == [tmp_path / "a.jpg"]


def test_pictures_of_a_search_do_not_fill_the_cache_that_all_share(qtbot: QtBot) -> None:
    tile = PictureTile("A picture")
    qtbot.addWidget(tile)
    tile.resize(160, 180)
    tile.show()
    limit, mine = QPixmapCache.cacheLimit(), QPixmap(8, 8)
    QPixmapCache.clear()
    QPixmapCache.setCacheLimit(512)  # KiB: five of such pictures
    try:
        QPixmapCache.insert("mine", mine)
        for _ in range(20):
            tile.set_image(image())
            tile.grab()
        assert QPixmapCache.find("mine", QPixmap())
    finally:
        QPixmapCache.setCacheLimit(limit)


def test_a_tile_opens_by_double_click_and_return_only_while_live(qtbot: QtBot) -> None:
    tile = PictureTile("A picture", "Nothing yet.", "import")
    qtbot.addWidget(tile)
    tile.resize(160, 180)
    tile.show()
    tile.grab()
    opened: list[bool] = []
    tile.opened.connect(lambda: opened.append(True))
    qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton)
    QTest.keyClick(tile, Qt.Key.Key_Return)
    assert not opened
    tile.set_image(image())
    tile.set_caption("Error 0.1")
    tile.set_live(True)
    assert tile.accessibleName() == "A picture: Error 0.1"
    qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton)
    QTest.keyClick(tile, Qt.Key.Key_Return)
    assert len(opened) == 2
    tile.grab()


def test_the_curve_passes_over_what_is_no_number(qtbot: QtBot) -> None:
    curve = ErrorCurve()
    qtbot.addWidget(curve)
    for share, error in ((0.1, 0.2), (0.2, float("nan")), (0.3, float("inf")), (0.4, 0.0), (2.0, 1e-9)):
        curve.add(share, error)
    assert curve.points == ((0.1, 0.2), (1.0, 1e-9))
    curve.resize(300, 200)
    curve.grab()
    curve.clear()
    assert not curve.points
