from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from gan.training.background import BackgroundWriter


@pytest.fixture
def writer() -> Iterator[BackgroundWriter]:
    writer = BackgroundWriter()
    yield writer
    writer.close()


def test_jobs_are_done_elsewhere_in_order(writer: BackgroundWriter) -> None:
    done: list[tuple[int, bool]] = []
    here = threading.current_thread()
    for number in range(5):
        writer.start(lambda number=number: done.append((number, threading.current_thread() is here)))  # type: ignore[misc]
    writer.finish()
    assert done == [(number, False) for number in range(5)]
    writer.finish()
    writer.poll()


def test_a_job_does_not_hold_up_its_starter(writer: BackgroundWriter) -> None:
    go = threading.Event()
    writer.start(lambda: go.wait(60) and None)  # type: ignore[func-returns-value]
    writer.poll()
    go.set()
    writer.finish()


def test_a_job_that_failed_is_done_again(writer: BackgroundWriter) -> None:
    attempts: list[int] = []

    def job() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise OSError("full")

    writer.start(job)
    for _ in range(2):
        with pytest.raises(OSError, match="full"):
            writer.finish()
    writer.start(lambda: attempts.append(2))  # not before the one that is due
    writer.finish()
    assert attempts == [1, 1, 1, 2]


def test_poll_tells_of_a_failure(writer: BackgroundWriter) -> None:
    failed = threading.Event()

    def job() -> None:
        failed.set()
        raise OSError("full")

    writer.start(job)
    assert failed.wait(60)
    with pytest.raises(OSError, match="full"):
        for _ in range(10_000_000):
            writer.poll()
    writer.drop()
    writer.poll()
    writer.finish()
