"""The scores that others are compared with: of random pictures of the model, and of real ones."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from gan.instruments.critic import Judged
from latent_debugger.services.critic import judge_random, score_reals
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.state.critic import Scale, Scores
from latent_debugger.state.lru import Lru
from latent_debugger.state.model import OpenModel
from latent_debugger.state.reference import ReferenceState

FAKES, REALS = "critic.fakes", "critic.reals"
_BYTES = 32 << 20  # a few dozen models

Key = tuple[str, str]


class CriticScale(QObject):
    """Works them out while somebody wants them, and remembers them by model.

    Args:
        reference: the real pictures, as far as they are known.
    """

    changed = Signal()
    """There is another scale, or none any more."""
    advanced = Signal(float)
    """The share of the random pictures that are scored."""
    failed = Signal(object)
    """UserError: there will be no scale."""

    def __init__(
        self, instruments: InstrumentService, reference: ReferenceState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._instruments, self._reference = instruments, reference
        self._wanted: set[str] = set()
        self._model: OpenModel | None = None
        self._fakes: Lru[Key, Judged] = Lru(_BYTES)
        self._reals: Lru[tuple[Key, str], Scores] = Lru(_BYTES)
        self._scale: Scale | None = None
        self._seen: Judged | None = None
        self._real: Scores | None = None
        reference.changed.connect(self._refresh)

    @property
    def scale(self) -> Scale | None:
        """What scores of the open model are compared with; None while it is not known."""
        return self._scale

    @property
    def seen(self) -> Judged | None:
        """The random pictures behind it."""
        return self._seen

    def set_model(self, model: OpenModel | None) -> None:
        """Of which model; None for one without a critic. What is under way for another is cancelled by the service."""
        self._model = model
        self._scale = self._seen = self._real = None
        self.changed.emit()
        self._refresh()

    def want(self, purpose: str, wanted: bool) -> None:
        """Work on it while anybody wants it."""
        (self._wanted.add if wanted else self._wanted.discard)(purpose)
        if self._wanted:
            self._refresh()
        else:
            self._instruments.cancel(FAKES)
            self._instruments.cancel(REALS)

    @Slot()
    def _refresh(self) -> None:
        model = self._model
        if model is None or not self._wanted:
            return
        key = (model.sha256, model.label)
        seen, real = self._fakes.get(key), self._reference.pictures
        scores = self._reals.get((key, real.sha256)) if real is not None else None
        if seen is None:
            if not self._instruments.running(FAKES):
                self._instruments.run(
                    FAKES, judge_random, partial(self._keep_fakes, key), self.failed.emit, self._advance, slow=True
                )
            return
        if real is not None and scores is None and not self._instruments.running(REALS):
            done = partial(self._keep_reals, (key, real.sha256))
            self._instruments.run(REALS, partial(score_reals, real.images), done, self.failed.emit, slow=True)
        if self._scale is None or seen is not self._seen or scores is not self._real:
            self._seen, self._real, self._scale = seen, scores, Scale(seen.scores, scores)
            self.changed.emit()

    def _advance(self, share: float, _found: object) -> None:
        self.advanced.emit(share)

    def _keep_fakes(self, key: Key, seen: Judged) -> None:
        self._fakes.put(key, seen, seen.scores.nbytes + seen.looks.nbytes)
        self._refresh()

    def _keep_reals(self, key: tuple[Key, str], scores: Scores) -> None:
        self._reals.put(key, scores, scores.nbytes)
        self._refresh()
