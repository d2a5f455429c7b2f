from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque

from latent_debugger.services.loop import Loop


def queue_loop(**options):
    jobs = deque()
    return jobs, Loop("test", lambda: jobs.popleft() if jobs else None, **options)


def test_runs_jobs_in_order_in_one_thread_of_its_own():
    jobs, loop = queue_loop()
    seen = []
    for number in range(50):
        with loop.lock:
            jobs.append(lambda number=number: seen.append((number, threading.current_thread())))
        loop.wake()
    assert loop.wait_idle(10)
    assert [number for number, _ in seen] == list(range(50))
    assert len({thread for _, thread in seen}) == 1 and seen[0][1] is not threading.current_thread()
    loop.stop()


def test_no_thread_before_the_first_job_and_none_after_stop():
    _, loop = queue_loop()
    before = threading.active_count()
    assert loop.wait_idle(0)
    loop.stop()
    loop.wake()
    assert threading.active_count() == before


def test_stop_runs_what_is_queued_and_may_be_called_twice():
    jobs, loop = queue_loop()
    seen, gate = [], threading.Event()
    jobs.extend([lambda: gate.wait(10), *[lambda: seen.append(1)] * 5])
    loop.wake()
    gate.set()
    loop.stop()
    loop.stop()
    assert seen == [1] * 5 and loop.stopped


def test_prepare_runs_once_in_the_thread():
    prepared = []
    jobs, loop = queue_loop(prepare=lambda: prepared.append(threading.current_thread()))
    for _ in range(3):
        jobs.append(lambda: None)
        loop.wake()
        assert loop.wait_idle(10)
    assert len(prepared) == 1 and prepared[0] is not threading.current_thread()
    loop.stop()


def test_wait_idle_says_when_it_took_too_long():
    jobs, loop = queue_loop()
    gate = threading.Event()
    jobs.append(lambda: gate.wait(10))
    loop.wake()
    assert not loop.wait_idle(0.01)
    gate.set()
    assert loop.wait_idle(10)
    loop.stop()


def test_a_job_that_raises_does_not_end_the_thread(caplog):
    jobs, loop = queue_loop()
    seen = []
    jobs.extend([lambda: 1 / 0, lambda: seen.append("next")])
    loop.wake()
    assert loop.wait_idle(10)
    loop.stop()
    assert seen == ["next"] and "ZeroDivisionError" in caplog.text


def test_synchronous_runs_in_the_caller_and_starts_no_thread():
    jobs, loop = queue_loop(synchronous=True)
    seen = []
    jobs.extend([lambda: seen.append(threading.current_thread())] * 2)
    loop.wake()
    assert seen == [threading.current_thread()] * 2
    loop.stop()
    jobs.append(lambda: seen.append(None))
    loop.wake()
    assert len(seen) == 2


def test_an_idle_thread_sleeps():
    jobs, calls = deque(), []
    loop = Loop("test", lambda: calls.append(1) or (jobs.popleft() if jobs else None))
    jobs.append(lambda: None)
    loop.wake()
    assert loop.wait_idle(10)
    before = len(calls)
    assert not threading.Event().wait(0.2)
    assert len(calls) == before
    loop.stop()


def test_a_forgotten_loop_neither_blocks_exit_nor_is_cut_short():
    script = """
import time
from latent_debugger.services.loop import Loop
jobs = [lambda: (time.sleep(0.3), print("finished", flush=True))]
Loop("forgotten", lambda: jobs.pop() if jobs else None).wake()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout == "finished\n" and done.stderr == ""
