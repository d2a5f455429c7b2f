"""Many latents under many checkpoints: the right pixels, the newest wish, and nothing kept for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gan.latent.draws import draw
from gan.rendering import open_renderer
from latent_debugger.services import film
from latent_debugger.services.film import FilmService, Picture, Shot

Make = Callable[..., Path]
Z = [row.tobytes() for row in draw(3, 8, 0)]


@pytest.fixture
def service(qapp: QApplication) -> Iterator[FilmService]:
    made = FilmService(synchronous=True)
    made.seen = []  # type: ignore[attr-defined]
    made.ready.connect(made.seen.append)  # type: ignore[attr-defined]
    yield made
    made.stop()


def seen(service: FilmService) -> list[Picture]:
    return service.seen  # type: ignore[attr-defined,no-any-return]


def test_draws_what_is_wanted_in_that_order(service: FilmService, make_checkpoint: Make) -> None:
    paths = [make_checkpoint(f"step-0000000{k}.safetensors", seed=k) for k in range(3)]
    shots = [Shot(path, z) for path in reversed(paths) for z in Z]
    service.want(shots)
    assert [picture.shot for picture in seen(service)] == shots
    for picture in seen(service):
        latent = np.frombuffer(picture.shot.z, "<f4")[np.newaxis]
        assert np.array_equal(picture.image, open_renderer(picture.shot.path, "cpu").pixels(latent)[0])
    assert (service.loads, service.forwards) == (3, 9)
    service.want(shots)
    assert len(seen(service)) == 18 and (service.loads, service.forwards) == (3, 9), "they were kept"
    assert service.picture(shots[4]) is seen(service)[4].image
    assert service.picture(Shot(paths[0], bytes(32))) is None


def test_a_file_that_is_replaced_is_drawn_anew(service: FilmService, make_checkpoint: Make) -> None:
    path = make_checkpoint("step-00000001.safetensors", seed=1)
    service.want([Shot(path, Z[0])])
    make_checkpoint("step-00000001.safetensors", seed=2, step=100)
    service.want([Shot(path, Z[0])])
    before, after = seen(service)
    assert not np.array_equal(before.image, after.image)
    latent = np.frombuffer(Z[0], "<f4")[np.newaxis]
    assert np.array_equal(after.image, open_renderer(path, "cpu").pixels(latent)[0])


def test_a_damaged_file_is_an_answer_and_is_read_once(service: FilmService, tmp_path: Path) -> None:
    path = tmp_path / "step-00000001.safetensors"
    path.write_bytes(b"damaged")
    service.want([Shot(path, z) for z in Z])
    assert all(picture.image is None and picture.error is not None for picture in seen(service))
    assert len(seen(service)) == 3 and service.loads == 1
    service.want([Shot(tmp_path / "gone", Z[0])])
    assert seen(service)[-1].error is not None


def test_a_latent_that_does_not_fit_is_an_answer(service: FilmService, make_checkpoint: Make) -> None:
    path = make_checkpoint("step-00000001.safetensors")
    service.want([Shot(path, bytes(4 * 5)), Shot(path, Z[0])])
    assert seen(service)[0].error is not None and seen(service)[1].image is not None


def test_little_stays_in_memory(
    service: FilmService, make_checkpoint: Make, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    monkeypatch.setattr(film, "PICTURES_BYTES", 10 * 32 * 32 * 3)
    monkeypatch.setattr(film, "RENDERERS_KEPT", 2)
    small = FilmService(synchronous=True)
    paths = [make_checkpoint(f"step-0000000{k}.safetensors", seed=k) for k in range(6)]
    small.want([Shot(path, z) for path in paths for z in Z])
    assert small._pictures.weight <= 10 * 32 * 32 * 3 and len(small._renderers) == 2
    small.stop()


def test_a_newer_wish_replaces_the_older_one(
    make_checkpoint: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, started, real = threading.Event(), threading.Event(), film.open_renderer
    threads = []

    def slow(path: Path, device: str) -> object:
        threads.append(threading.current_thread())
        started.set()
        assert gate.wait(20)
        return real(path, device)

    monkeypatch.setattr(film, "open_renderer", slow)
    service, pictures = FilmService(), []
    service.ready.connect(pictures.append)
    paths = [make_checkpoint(f"step-0000000{k}.safetensors", seed=k) for k in range(4)]
    service.want([Shot(path, Z[0]) for path in paths])
    assert started.wait(20)
    service.want([Shot(paths[3], Z[1])])
    gate.set()
    assert service.wait_idle(20)
    assert [picture.shot for picture in pictures] == [Shot(paths[3], Z[1])]
    assert service.loads == 2, "the one in hand, and the one that is wanted"
    assert threads[0] is not threading.current_thread()
    service.want([Shot(path, Z[2]) for path in paths])
    service.want(())
    assert service.wait_idle(20)
    service.stop()
    service.want([Shot(paths[0], Z[0])])
    assert len(pictures) == 1 or all(p.shot.z != Z[0] for p in pictures[1:])


def test_stopping_abandons_what_waits(make_checkpoint: Make, qapp: QApplication) -> None:
    service, pictures = FilmService(), []
    service.ready.connect(pictures.append)
    paths = [make_checkpoint(f"step-0000000{k}.safetensors", seed=k) for k in range(4)]
    service.want([Shot(path, z) for path in paths for z in Z])
    service.stop()
    qapp.processEvents()
    assert pictures == []
