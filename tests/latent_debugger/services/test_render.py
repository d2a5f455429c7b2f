from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject, QThread, QTimer
from shiboken6 import delete

from gan.latent.draws import draw
from gan.rendering import open_renderer
from latent_debugger.errors import UserError
from latent_debugger.services.render import RenderService


class Seen:
    """Everything a service emitted, in order."""

    def __init__(self, service):
        self.all, self.frames, self.tiles, self.batches, self.failures, self.threads = [], [], [], [], [], set()
        service.frame_ready.connect(lambda x: self._note(self.frames, x))
        service.tile_ready.connect(lambda x: self._note(self.tiles, x))
        service.batch_done.connect(lambda x: self._note(self.batches, x))
        service.failed.connect(lambda x: self._note(self.failures, x))

    def _note(self, where, value):
        where.append(value)
        self.all.append(value)
        self.threads.add(QThread.currentThread())


def z(value, dim=4):
    return np.full(dim, value, np.float32)


def rows(*values, dim=4):
    return np.stack([z(value, dim) for value in values])


@pytest.fixture(params=[False, True], ids=["thread", "synchronous"])
def any_service(request, qapp):
    service = RenderService(synchronous=request.param)
    yield service
    service.stop()


@pytest.fixture
def service(qapp):
    service = RenderService()
    yield service
    service.stop()


@pytest.fixture
def held(service, make_fake):
    """A service whose model is busy with z = 0 until fake.gate opens."""
    fake, seen = make_fake(), Seen(service)
    service.set_renderer(fake)
    fake.gate.clear()
    service.request(z(0))
    assert fake.started.acquire(timeout=10)
    return service, fake, seen


def test_one_request_one_forward_one_frame(any_service, make_fake):
    fake, seen = make_fake(sha256="abc"), Seen(any_service)
    any_service.set_renderer(fake)
    latent = z(9)
    generation = any_service.request(latent)
    latent[:] = 5  # the request has a copy
    assert any_service.wait_idle(10)
    (frame,) = seen.all
    assert frame.generation == generation and frame.model_sha256 == "abc" and frame.model_ms >= 0
    assert frame.image.shape == (2, 2, 3) and (frame.image == 9).all() and (frame.z == 9).all()
    assert any_service.forwards == len(fake.drawn) == 1 and any_service.dropped == 0


def test_signals_are_emitted_in_the_gui_thread_and_pictures_drawn_in_another(service, make_fake):
    fake, seen = make_fake(), Seen(service)
    service.set_renderer(fake)
    service.request(z(1))
    service.request_tiles(rows(2, 3), "neighbours")
    assert service.wait_idle(10)
    assert seen.threads == {service.thread()}
    assert len(fake.threads) == 1 and threading.current_thread() not in fake.threads


def test_a_receiver_with_a_slot_is_called_by_the_event_loop(service, make_fake, qtbot):
    service.set_renderer(make_fake())
    with qtbot.waitSignal(service.frame_ready, timeout=10_000):
        service.request(z(1))


def test_of_many_requests_the_newest_is_drawn_and_the_others_never(held):
    service, fake, seen = held
    generations = [service.request(z(value)) for value in range(1, 101)]
    fake.gate.set()
    assert service.wait_idle(10)
    assert [frame.z[0] for frame in seen.frames] == [0, 100]
    assert seen.frames[-1].generation == generations[-1]
    assert [latent[0] for latent in fake.drawn] == [0, 100] and service.dropped == 99 and service.forwards == 2


def test_a_slow_model_never_holds_up_the_event_loop(held, qtbot):
    service, fake, _seen = held
    ticks = []
    timer = QTimer()
    timer.timeout.connect(lambda: (ticks.append(1), service.request(z(len(ticks)))))
    timer.start(0)
    qtbot.waitUntil(lambda: len(ticks) >= 50)  # the model has not moved
    timer.stop()
    assert len(fake.drawn) == 1
    fake.gate.set()
    assert service.wait_idle(10)
    assert fake.drawn[-1][0] == len(ticks)


def test_idle_means_no_forward(any_service, make_fake, qtbot):
    fake = make_fake()
    any_service.set_renderer(fake)
    qtbot.wait(50)
    any_service.request(z(1))
    assert any_service.wait_idle(10)
    qtbot.wait(50)
    assert len(fake.drawn) == 1


def test_the_same_latent_twice_while_on_its_way_is_one_forward(held):
    service, fake, seen = held
    first = service.request(z(0))  # is being drawn
    second, third = service.request(z(1)), service.request(z(1))
    fake.gate.set()
    assert service.wait_idle(10)
    assert first == 1 and second == third and [f.generation for f in seen.frames] == [1, second]
    assert service.request(z(1)) > second  # answered meanwhile: a new one
    assert service.wait_idle(10) and len(seen.frames) == 3


def test_minus_zero_is_not_zero(held):
    service, fake, seen = held
    assert service.request(z(-0.0)) != 1
    fake.gate.set()
    assert service.wait_idle(10) and np.signbit(seen.frames[-1].z).all()


def test_a_frame_overtakes_all_waiting_tiles(held):
    service, fake, seen = held
    batch = service.request_tiles(rows(10, 11, 12), "neighbours")
    service.request(z(1))
    fake.gate.set()
    assert service.wait_idle(10)
    assert [latent[0] for latent in fake.drawn] == [0, 1, 10, 11, 12]
    assert [(t.batch, t.index, int(t.image[0, 0, 0])) for t in seen.tiles] == [(batch, i, 10 + i) for i in range(3)]
    assert seen.batches == [batch] and seen.all[-1] == batch


def test_a_frame_asked_for_during_a_batch_comes_before_the_next_tile(service, make_fake):
    fake, seen = make_fake(), Seen(service)
    service.set_renderer(fake)
    fake.gate.clear()
    service.request_tiles(rows(10, 11, 12), "neighbours")
    assert fake.started.acquire(timeout=10)
    service.request(z(1))
    fake.gate.set()
    assert service.wait_idle(10)
    assert [latent[0] for latent in fake.drawn] == [10, 1, 11, 12] and len(seen.tiles) == 3


def test_a_newer_batch_abandons_the_older_one_of_its_purpose_only(service, make_fake):
    fake, seen = make_fake(), Seen(service)
    service.set_renderer(fake)
    fake.gate.clear()
    old = service.request_tiles(rows(*range(10, 20)), "neighbours")
    assert fake.started.acquire(timeout=10)
    thumbnails = service.request_tiles(rows(50, 51), "thumbnails")
    new = service.request_tiles(rows(30, 31), "neighbours")
    fake.gate.set()
    assert service.wait_idle(10)
    assert sorted(latent[0] for latent in fake.drawn) == [10, 30, 31, 50, 51]
    assert {tile.batch for tile in seen.tiles} == {thumbnails, new} and old not in seen.batches
    assert sorted(seen.batches) == sorted([thumbnails, new])


def test_an_empty_batch_clears_its_purpose(held):
    service, fake, seen = held
    service.request_tiles(rows(1, 2), "neighbours")
    service.request_tiles(np.empty((0, 4), np.float32), "neighbours")
    fake.gate.set()
    assert service.wait_idle(10)
    assert seen.tiles == [] and len(fake.drawn) == 1


def test_a_request_without_a_model_waits_for_one(any_service, make_fake):
    seen = Seen(any_service)
    any_service.request(z(1))
    generation = any_service.request(z(2))
    assert any_service.wait_idle(10) and seen.all == []
    any_service.set_renderer(make_fake(dim=3))
    assert any_service.wait_idle(10) and seen.all == []  # does not fit: still waits
    any_service.set_renderer(make_fake())
    assert any_service.request(z(2)) >= generation
    assert any_service.wait_idle(10)
    assert {frame.z[0] for frame in seen.frames} == {2}


def test_a_batch_without_a_model_waits_for_one(any_service, make_fake):
    seen, old, new = Seen(any_service), make_fake(), make_fake()
    any_service.set_renderer(old)
    any_service.set_renderer(None)
    first = any_service.request_tiles(rows(1, 2), "thumbnails")
    any_service.set_renderer(new)
    assert any_service.wait_idle(10)
    assert seen.batches == [first] and len(seen.tiles) == 2 and old.drawn == []


def test_a_new_model_draws_what_the_old_one_had_not_finished(held, make_fake):
    service, fake, seen = held
    new = make_fake(sha256="new")
    service.set_renderer(new)
    fake.gate.set()
    assert service.wait_idle(10)
    (frame,) = seen.all
    assert frame.model_sha256 == "new" and frame.generation == 1


def test_nothing_of_the_old_model_is_emitted_after_the_new_one_is_set(held, make_fake):
    service, fake, seen = held
    service.request_tiles(rows(7, 8), "neighbours")
    service.set_renderer(make_fake(dim=2))
    service.request(z(3, dim=2))
    fake.gate.set()
    assert service.wait_idle(10)
    assert [frame.z.shape for frame in seen.frames] == [(2,)] and seen.tiles == []


def test_without_a_renderer_nothing_is_drawn(any_service, make_fake):
    fake, seen = make_fake(), Seen(any_service)
    any_service.set_renderer(fake)
    any_service.set_renderer(None)
    any_service.request(z(1))
    any_service.request_tiles(rows(1), "neighbours")
    assert any_service.wait_idle(10) and fake.drawn == [] and seen.all == []


def test_stop_finishes_the_picture_in_hand_and_no_other(held, qapp):
    service, fake, seen = held
    service.request(z(1))
    service.request_tiles(rows(2, 3), "neighbours")
    threading.Timer(0.05, fake.gate.set).start()
    service.stop()
    service.stop()
    service.request(z(4))
    service.set_renderer(fake)
    qapp.processEvents()
    assert len(fake.drawn) == 1 and seen.all == []


def test_stop_before_anything_happened(qapp):
    service = RenderService()
    service.stop()
    service.request(z(1))
    assert service.wait_idle(1)


def test_a_destroyed_parent_takes_the_thread_along(make_fake):
    parent, fake = QObject(), make_fake()
    service = RenderService(parent)
    service.set_renderer(fake)
    fake.gate.clear()
    service.request_tiles(rows(*range(3)), "neighbours")
    assert fake.started.acquire(timeout=10)
    threading.Timer(0.05, fake.gate.set).start()
    delete(parent)
    assert not any(t.name == "latent-debugger render" for t in threading.enumerate())


def test_wait_idle_times_out_while_a_picture_is_drawn(held):
    service, fake, _ = held
    assert not service.wait_idle(0.01)
    fake.gate.set()
    assert service.wait_idle(10)


def test_wait_idle_includes_what_receivers_ask_for(any_service, make_fake):
    fake, seen = make_fake(), Seen(any_service)
    any_service.set_renderer(fake)
    any_service.frame_ready.connect(lambda frame: frame.z[0] < 5 and any_service.request(frame.z + 1))
    any_service.request(z(1))
    assert any_service.wait_idle(10)
    assert [frame.z[0] for frame in seen.frames] == [1, 2, 3, 4, 5]


def test_a_mistake_is_told_and_the_next_picture_is_drawn(any_service, make_fake):
    fake, seen = make_fake(), Seen(any_service)
    any_service.set_renderer(fake)
    fake.failure = UserError("The model answers with NaN.")
    any_service.request(z(1))
    assert any_service.wait_idle(10)
    fake.failure = None
    any_service.request(z(2))
    assert any_service.wait_idle(10)
    assert [str(e) for e in seen.failures] == ["The model answers with NaN."] and seen.frames[0].z[0] == 2


def test_a_failing_batch_is_told_once(any_service, make_fake):
    fake, seen = make_fake(), Seen(any_service)
    any_service.set_renderer(fake)
    fake.failure = UserError("NaN.")
    any_service.request_tiles(rows(*range(16)), "neighbours")
    assert any_service.wait_idle(10)
    assert len(seen.all) == len(seen.failures) == len(fake.drawn) == 1


def test_a_bug_in_a_model_on_the_processor_is_reported(any_service, make_fake, caplog):
    fake, seen = make_fake(), Seen(any_service)
    any_service.set_renderer(fake)
    fake.failure = ZeroDivisionError("what?")
    any_service.request(z(1))
    assert any_service.wait_idle(10)
    assert isinstance(seen.failures[0], UserError) and "ZeroDivisionError: what?" in caplog.text


@pytest.mark.parametrize("synchronous", [False, True])
def test_a_failing_device_hands_over_to_the_processor(qapp, make_fake, synchronous):
    gpu, cpu, asked = make_fake(device="cuda"), make_fake(), []
    service = RenderService(synchronous=synchronous, fall_back=lambda broken: asked.append(broken) or cpu)
    seen, devices = Seen(service), []
    service.device_changed.connect(devices.append)
    service.set_renderer(gpu)
    gpu.failure = torch.cuda.OutOfMemoryError("CUDA out of memory")
    service.request(z(1))
    assert service.wait_idle(10)
    service.request(z(2))
    batch = service.request_tiles(rows(3), "neighbours")
    assert service.wait_idle(10)
    service.stop()
    assert asked == [gpu] and devices == ["cpu"] and len(seen.failures) == 1 and "cuda" in str(seen.failures[0])
    assert [frame.z[0] for frame in seen.frames] == [1, 2] and seen.batches == [batch]
    assert len(gpu.drawn) == 1 and len(cpu.drawn) == 3


def test_when_the_processor_cannot_take_over_it_is_told_once(qapp, make_fake):
    def gone(_):
        raise UserError("tiny.safetensors cannot be opened: No such file or directory.")

    gpu, service = make_fake(device="cuda"), RenderService(synchronous=True, fall_back=gone)
    seen = Seen(service)
    service.set_renderer(gpu)
    gpu.failure = RuntimeError("CUDA error: device-side assert triggered")
    service.request(z(1))
    service.request(z(2))
    assert [str(e) for e in seen.all] == ["tiny.safetensors cannot be opened: No such file or directory."]


def test_the_real_fall_back_reads_the_same_file_again(checkpoint, make_checkpoint, make_fake):
    from latent_debugger.services.render import reopen_on_cpu

    broken = make_fake(device="cuda")
    broken.info = open_renderer(checkpoint, "cpu").info
    assert reopen_on_cpu(broken).info == broken.info
    broken.info = replace(broken.info, path=make_checkpoint("other.safetensors", seed=1))
    with pytest.raises(UserError, match="changed on disk"):
        reopen_on_cpu(broken)


@pytest.mark.parametrize("threads", [1, 2])
def test_same_pixels_as_the_renderer_itself(qapp, checkpoint, threads):
    latents = draw(5, 8, seed=3)
    wanted = open_renderer(checkpoint, "cpu").pixels(latents)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        service = RenderService()
        seen = Seen(service)
        service.set_renderer(open_renderer(checkpoint, "cpu"))
        for latent in latents:
            service.request(latent)
            assert service.wait_idle(10)
        service.request_tiles(latents, "neighbours")
        assert service.wait_idle(10)
        service.stop()
    finally:
        torch.set_num_threads(before)
    assert np.array_equal([frame.image for frame in seen.frames], wanted)
    assert np.array_equal([tile.image for tile in seen.tiles], wanted)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("request"), st.integers(0, 200)),
        st.tuples(st.just("tiles"), st.integers(1, 4)),
        st.tuples(st.just("events"), st.just(0)),
        st.tuples(st.just("model"), st.just(0)),
    ),
    max_size=25,
)


@given(steps)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_the_last_request_is_drawn_and_never_a_stale_one_after_a_newer(qapp, make_fake, steps):
    service = RenderService()
    seen, current, last, batch = Seen(service), make_fake(), None, None
    service.set_renderer(current)
    for what, value in steps:
        if what == "request":
            last = (service.request(z(value)), value)
        elif what == "tiles":
            batch = service.request_tiles(rows(*range(value)), "neighbours")
        elif what == "events":
            qapp.processEvents()
        else:
            current, batch = make_fake(), None
            service.set_renderer(current)
    assert service.wait_idle(10)
    generations = [frame.generation for frame in seen.frames]
    assert generations == sorted(set(generations))
    if last is not None:
        assert seen.frames[-1].generation == last[0] and (seen.frames[-1].image == last[1]).all()
    if batch is not None:
        assert batch in seen.batches
    service.stop()
