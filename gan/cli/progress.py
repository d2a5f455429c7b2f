"""One look for progress on the terminal; silent where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

console = Console(stderr=True)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar for ``total`` things; the function it gives is told how many are done."""
    with _bar() as bar:
        task = bar.add_task(what, total=total)

        def done(count: int) -> None:
            bar.update(task, completed=count)

        yield done


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for what may be nothing to do: it comes with the first (done, total) that the function is told."""
    with _bar() as bar:
        task = bar.add_task(what, total=None, visible=False)

        def done(count: int, total: int) -> None:
            bar.update(task, completed=count, total=total, visible=True)

        yield done


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
