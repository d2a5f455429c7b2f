from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from gan.errors import UserError
from latent_debugger.services import instruments
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.services.models import load_model


class Seen:
    """Collects what a job answers."""

    def __init__(self):
        self.done, self.failed, self.advanced = [], [], []

    def run(self, service, purpose, work, **options):
        return service.run(
            purpose, work, self.done.append, self.failed.append, lambda *told: self.advanced.append(told), **options
        )


@pytest.fixture
def service(qapp, checkpoint):
    service = InstrumentService()
    service.set_model(load_model(checkpoint, "cpu").model)
    yield service
    service.stop()


def test_works_on_the_open_models_networks_off_the_gui_thread(service):
    seen, threads = Seen(), []

    def work(subject, watch):
        threads.append(threading.current_thread())
        watch(0.5)
        with torch.no_grad():
            return subject.generator(torch.zeros(2, subject.dim)).shape

    assert seen.run(service, "one", work) and service.running("one")
    assert service.wait_idle(20) and not service.running("one")
    assert seen.done == [(2, 3, 32, 32)] and not seen.failed
    assert seen.advanced == [(0.5, None)]
    assert threads[0] is not threading.main_thread()


def test_networks_are_loaded_by_the_first_job_and_once(service, monkeypatch):
    loads, real = [], instruments.open_networks
    monkeypatch.setattr(instruments, "open_networks", lambda *a: loads.append(a) or real(*a))
    seen = Seen()
    for purpose, slow in (("a", False), ("b", True), ("c", False)):
        seen.run(service, purpose, lambda subject, watch: id(subject), slow=slow)
    assert service.wait_idle(20)
    assert len(seen.done) == 3 and len(set(seen.done)) == 1 and len(loads) == 1


def hold(gate, begun):
    """A job that goes on until ``gate`` is open, asking meanwhile whether it is wanted."""

    def work(subject, watch):
        begun.set()
        while not gate.wait(0.005):
            watch(0.1)
        return "held"

    return work


def test_the_newest_of_a_purpose_wins_and_others_go_on(service):
    gate, begun, seen, other = threading.Event(), threading.Event(), Seen(), Seen()
    seen.run(service, "one", hold(gate, begun))
    assert begun.wait(20)
    other.run(service, "other", lambda subject, watch: "other", slow=True)
    seen.run(service, "one", lambda subject, watch: "newest")
    assert service.wait_idle(20)
    assert seen.done == ["newest"] and other.done == ["other"] and not seen.failed


def test_a_slow_job_does_not_hold_up_a_quick_one(service, qtbot):
    gate, begun, slow, quick = threading.Event(), threading.Event(), Seen(), Seen()
    slow.run(service, "slow", hold(gate, begun), slow=True)
    assert begun.wait(20)
    quick.run(service, "quick", lambda subject, watch: 1)
    qtbot.waitUntil(lambda: quick.done == [1])
    assert service.running("slow")
    gate.set()
    assert service.wait_idle(20) and slow.done == ["held"]


@pytest.mark.parametrize("how", ["cancel", "another model", "no model", "stop"])
def test_a_cancelled_job_ends_and_says_nothing(service, make_checkpoint, how):
    gate, begun, seen, busy = threading.Event(), threading.Event(), Seen(), []
    service.busy_changed.connect(lambda *state: busy.append(state))
    seen.run(service, "one", hold(gate, begun))
    assert begun.wait(20)
    other = load_model(make_checkpoint("other.safetensors", seed=3), "cpu").model
    {
        "cancel": lambda: service.cancel("one"),
        "another model": lambda: service.set_model(other),
        "no model": lambda: service.set_model(None),
        "stop": service.stop,
    }[how]()
    assert not service.running("one")
    assert service.wait_idle(20)  # the gate is still shut: the job ended by asking
    assert not seen.done and not seen.failed
    assert busy == ([("one", True)] if how == "stop" else [("one", True), ("one", False)])
    assert seen.run(service, "one", lambda subject, watch: 2) is (how in ("cancel", "another model"))


def test_what_was_found_so_far_arrives(service):
    seen = Seen()
    seen.run(service, "one", lambda subject, watch: watch.show(0.25, "half a picture"))
    assert service.wait_idle(20)
    assert seen.advanced == [(0.25, "half a picture")]


def test_a_users_mistake_is_told_and_a_bug_is_a_sentence(service, monkeypatch):
    seen = Seen()

    def mistaken(subject, watch):
        raise UserError("Not like that.")

    seen.run(service, "one", mistaken)
    assert service.wait_idle(20)
    assert [str(error) for error in seen.failed] == ["Not like that."]
    assert not seen.done and not service.running("one")


def test_a_file_that_was_replaced_is_not_taken_for_the_open_model(service, checkpoint, make_checkpoint, qapp):
    path = make_checkpoint("mine.safetensors")
    own = InstrumentService(synchronous=True)
    own.set_model(load_model(path, "cpu").model)
    make_checkpoint("mine.safetensors", seed=9)
    seen = Seen()
    seen.run(own, "one", lambda subject, watch: 1)
    assert "has changed on disk" in str(seen.failed[0]) and not seen.done
    own.stop()


def test_the_same_model_again_cancels_nothing(service):
    gate, begun, seen = threading.Event(), threading.Event(), Seen()
    seen.run(service, "one", hold(gate, begun))
    assert begun.wait(20)
    service.set_model(service.model.on_device("cuda"))
    gate.set()
    assert service.wait_idle(20) and seen.done == ["held"]


def test_without_threads_the_answer_is_there_at_once(qapp, checkpoint):
    service, seen = InstrumentService(synchronous=True), Seen()
    assert not seen.run(service, "one", lambda subject, watch: 1)
    service.set_model(load_model(checkpoint, "cpu").model)
    assert seen.run(service, "one", lambda subject, watch: (watch(1.0), np.float32(2))[1])
    assert seen.done == [2.0] and seen.advanced == [(1.0, None)] and service.wait_idle(1)
    service.stop()
