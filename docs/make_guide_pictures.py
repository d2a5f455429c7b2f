"""Make the pictures of docs/guide/: ``python docs/make_guide_pictures.py [NAME ...]``. Real window, real model.

Each instrument has a function here; its name is that of its page.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QPixmap

    from latent_debugger.views.main_window import MainWindow

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

SEEDS = (63, 4, 25, 20, 36, 27, 52)
"""Of the stars on show: chosen by eye among seeds 0 to 95, as a user would."""
GUIDES: dict[str, Callable[[], None]] = {}


def guide(make: Callable[[], None]) -> Callable[[], None]:
    """Register the function that makes the picture of the page of its name."""
    GUIDES[make.__name__] = make
    return make


@contextmanager
def opened(stars: int = 0, theme: str = "light") -> Iterator[MainWindow]:
    """The window on the bundled model, in a home of its own, with the first few of :data:`SEEDS` starred."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENT_DEBUGGER_HOME"] = home
        from latent_debugger.application import build

        _, window = build(["--theme", theme, "--size", "1400x900"])
        window.set_reduced_motion(True)
        settle(window)
        for seed in SEEDS[:stars]:
            window.property("wiring").editor.random(seed)
            settle(window)
            window.action_map["bookmark.add"].trigger()
            settle(window)
        try:
            yield window
        finally:
            window.close()


def settle(window: MainWindow, seconds: float = 0.0) -> None:
    """Wait until nothing is on its way any more; then let the window work on for ``seconds``."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    for _ in range(4):
        QApplication.processEvents()
        window.property("wiring").wait_idle(120)
    if seconds:
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()


def save(window: MainWindow, name: str, area: QRect | None = None) -> None:
    """Write docs/images/guide-NAME.png: the window, or an area of it."""
    write(window.grab() if area is None else window.grab(area), name)


def write(shot: QPixmap, name: str) -> None:
    """Write docs/images/guide-NAME.png."""
    from PIL import Image
    from PySide6.QtCore import QBuffer, QIODevice

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    shot.save(buffer, "PNG")
    image = Image.open(BytesIO(bytes(buffer.data().data()))).convert("RGB")
    image.save(HERE / "images" / f"guide-{name}.png", optimize=True)


@guide
def paths() -> None:
    """Six stars, halfway."""
    with opened(6) as window:
        window.show_panel("paths")
        window.bookmarks.list.selectAll()
        window.action_map["path.add_stars"].trigger()
        settle(window)
        window.paths.track.slider.setValue(2300)
        window.paths.track.strip.select([2])
        settle(window)
        save(window, "paths")


@guide
def sensitivity() -> None:
    """Bars, the weak ones folded away, and where the strongest dimension acts."""
    with opened(1) as window:
        flow = window.property("wiring").instruments.sensitivity
        window.action_map["sensitivity.show"].setChecked(True)
        window.property("wiring").session.arrangement.set_sort("sensitivity")
        window.property("wiring").session.arrangement.set_weak("50%")
        while flow.figures is None:
            settle(window, 0.2)
        window.latents.looked_at.emit(int(flow.figures.norms.argmax()))
        settle(window, 0.5)
        save(window, "sensitivity", window.rect().adjusted(0, 0, -360, -300))


@guide
def previews() -> None:
    """Over the range of a slider, and a star large: both floating windows where they lie on a large screen."""
    from PySide6.QtCore import QPersistentModelIndex, QPoint, QRect
    from PySide6.QtGui import QPainter

    from latent_debugger.views.preview_popup import corner
    from latent_debugger.wiring.previews import beside

    with opened(7) as window:
        wiring, row, stars = window.property("wiring"), window.latents.list.rows[23], window.bookmarks.list
        wiring.editor.random(SEEDS[0])
        settle(window)
        flow, star = wiring.instruments.previews, QPersistentModelIndex(stars.model().index(1, 0))
        row.take_focus()
        window.action_map["latent.preview"].trigger()
        flow._show_star(star)
        settle(window)
        shot, at_row = window.grab(), QRect(row.mapTo(window, QPoint(0, 0)), row.size())
        at_star = beside(stars, star)[0].translated(-window.mapToGlobal(QPoint(0, 0)))
        painter = QPainter(shot)
        for popup, place in ((flow.strip, at_row), (flow.large, at_star)):
            painter.drawPixmap(corner(place, popup.size(), window.rect()), popup.grab())
        painter.end()
        write(shot, "previews")


GLASSES = (
    2, 7, 12, 16, 17, 18, 27, 28, 30, 40, 49, 52, 64, 66, 67, 69, 74, 84, 86, 102, 106, 115, 126, 134, 137, 138, 145,
    150, 154, 155,
)  # fmt: skip
NO_GLASSES = (
    0, 1, 3, 4, 5, 6, 8, 9, 10, 13, 15, 20, 21, 23, 61, 62, 63, 68, 70, 71, 73, 75, 76, 79, 82, 85, 87, 91, 93, 94,
)  # fmt: skip
"""Seeds of the bundled model, told apart by eye as a user would tag them."""


@guide
def directions() -> None:
    """Six directions of the first layer, and glasses learnt from 60 stars."""
    with opened() as window:
        wiring, finder = window.property("wiring"), window.directions.finder
        window.show_panel("directions")
        wiring.session.directions.set(count=6)
        finder.find.click()
        settle(window)
        for seed in (*GLASSES, *NO_GLASSES):
            wiring.editor.random(seed)
            settle(window)
            window.action_map["bookmark.add"].trigger()
        settle(window)
        finder.attribute.setEditText("glasses")
        stars = [star.id for star in wiring.session.library.bookmarks()]
        for chosen, button in ((stars[: len(GLASSES)], finder.plus), (stars[len(GLASSES) :], finder.minus)):
            window.bookmarks.reveal(tuple(chosen))
            settle(window)
            button.click()
            settle(window)
        finder.learn.click()
        settle(window)
        wiring.editor.random(46)  # not one of those it was learnt from
        wiring.instruments.directions.editor.toggle_lock(wiring.session.directions.all[0].id)
        settle(window, 0.5)
        save(window, "directions")


@guide
def critic() -> None:
    """A picture's ranks, the price of the best of 16, and an improvement that waits to be kept."""
    with opened(5) as window:
        wiring, people = window.property("wiring"), HERE.parent / "data" / "people"
        if people.is_dir():
            wiring.instruments.reference.service.choose(people)
        else:
            wiring.instruments.reference.service.draw_people()
        wiring.editor.random(0)
        window.show_panel("critic")
        settle(window, 1.0)
        window.action_map["critic.improve"].trigger()
        settle(window, 1.0)
        settle(window)
        save(window, "critic")
    improved()


def improved() -> None:
    """Seeds 0 to 15 before and after 20 steps uphill, none left out."""
    import numpy as np

    from gan.images import save_png, sheet
    from gan.instruments.improving import improve
    from gan.instruments.subject import open_subject
    from gan.latent.draws import draw
    from gan.rendering import open_renderer
    from latent_debugger.application import bundled_model

    model = bundled_model()
    assert model is not None
    subject, renderer = open_subject(model), open_renderer(model, "cpu")
    assert subject.critic is not None
    pairs = []
    for seed in range(16):
        z = draw(1, renderer.dim, seed)[0]
        pairs += [z, improve(subject.generator, subject.critic, z).z]
    save_png(HERE / "images" / "guide-critic-improved.png", sheet(renderer.pixels(np.stack(pairs)), 8))


@guide
def projection() -> None:
    """Somebody whom the model has never seen, searched for."""
    import numpy as np
    from PIL import Image

    from gan.data.people import make_people

    with opened() as window, tempfile.TemporaryDirectory() as folder:
        make_people(Path(folder), 2, 512, seed=77)  # the model was trained on those of seed 0
        path = Path(folder, "somebody.png")
        Image.fromarray(np.load(Path(folder, "images.npy"))[1]).save(path)
        window.property("wiring").instruments.projection.open(path)
        settle(window)
        window.projection.go.click()
        settle(window, 1.0)
        save(window, "projection")


@guide
def memorisation() -> None:
    """A verdict on the bundled model, and the training pictures nearest to one of its pictures."""
    with opened() as window:
        wiring = window.property("wiring")
        wiring.editor.random(SEEDS[1])
        window.show_panel("memorisation")
        wiring.instruments.reference.service.draw_people()
        settle(window)
        window.action_map["memorisation.check"].trigger()
        settle(window, 2.0)
        save(window, "memorisation")


if __name__ == "__main__":
    for name in sys.argv[1:] or GUIDES:
        GUIDES[name]()
