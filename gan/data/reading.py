"""Read all pictures of a listing: in parallel, in order, each once; what is no use is noted and passed over."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Generic, TypeVar

from gan.data.parallel import ordered_map
from gan.data.pictures import Skipped, Unreadable, Unusable, quiet_decoders
from gan.data.sources import Listing, Source
from gan.errors import UserError

R = TypeVar("R")
Progress = Callable[[int, int], None]
ShouldStop = Callable[[], bool]


class Reading(Generic[R]):
    """One way through a listing; iterate :meth:`results` once.

    Attributes:
        skipped: what was left out so far, and why.
        unsure: whether something was left out that may be there another time: a disk that failed or was taken away.
            What was read then must not be kept.

    Args:
        load: gives the sha256 of a picture's bytes and what is wanted of it, or why it cannot be used; called in
            several threads.
        progress: told (done, total) after every picture, used or not, from the calling thread.
    """

    def __init__(
        self,
        listing: Listing,
        load: Callable[[Source], tuple[str, R] | Unusable],
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> None:
        self.skipped: list[Skipped] = []
        self.unsure = False
        self._listing, self._load = listing, load
        self._progress, self._should_stop = progress, should_stop

    def results(self) -> Generator[tuple[int, R], None, None]:
        """Of every usable picture, its place in the listing and what ``load`` made of it.

        Raises:
            UserError: the data set vanished meanwhile.
            Stopped: ``should_stop()`` said so.
        """
        sources = self._listing.sources
        first: dict[str, int] = {}
        with quiet_decoders(), closing(ordered_map(self._load, sources, self._should_stop)) as results:
            for index, (source, result) in enumerate(zip(sources, results, strict=True)):
                if isinstance(result, Unusable):
                    self.skipped.append(Skipped(source.path, str(result)))
                    self.unsure |= isinstance(result, Unreadable) and bool(source.stamp)  # it was there when listed
                elif not self._listing.array and (earlier := first.setdefault(result[0], index)) != index:
                    copied = sources[earlier].path
                    reason = "named twice" if copied == source.path else f"a copy of {copied}"
                    self.skipped.append(Skipped(source.path, reason))
                else:
                    yield index, result[1]
                if self._progress is not None:
                    self._progress(index + 1, len(sources))
        if self.unsure and not self._listing.origin.exists():
            raise UserError(f"{self._listing.origin} vanished while it was read.", "Choose it again when it is back.")
