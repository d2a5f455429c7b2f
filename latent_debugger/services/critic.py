"""What the critic is asked, as jobs for :class:`~latent_debugger.services.instruments.InstrumentService`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

from gan.errors import UserError
from gan.images import Bytes
from gan.instruments.critic import (
    Judged,
    best_of,
    diversity_of_best,
    fake_scores,
    holds_critic,
    judge,
    real_scores,
    reference,
)
from gan.instruments.improving import Improved, improve
from gan.instruments.subject import Subject
from gan.latent.draws import Latents
from latent_debugger.services.instruments import Watch
from latent_debugger.state.anchor import NeighbourRequest
from latent_debugger.state.critic import Scores
from latent_debugger.state.latent import Mask
from latent_debugger.state.model import OpenModel
from latent_debugger.state.neighbour_state import Search

REFERENCES = 512
"""Random pictures, and real ones at most, that a score is compared with."""
NO_CRITIC = "This checkpoint holds no critic, so there is nobody to ask. Those of runs trained here hold one."
FOREIGN = "Files of other projects come without a critic, so there is nobody to ask."


class NoCriticError(UserError):
    """The model cannot judge."""

    def __init__(self) -> None:
        super().__init__(NO_CRITIC)


def why_none(model: OpenModel) -> str:
    """Why ``model`` has no critic, in one sentence; empty where it has one, or may have one. Reads the file's header.

    Only an adapter's own code knows whether it has one; see :class:`NoCriticError`.
    """
    if model.adapter is not None or holds_critic(Path(model.path)):
        return ""
    return FOREIGN if model.choices is not None else NO_CRITIC


def critic_of(subject: Subject) -> nn.Module:
    """The critic.

    Raises:
        NoCriticError: there is none.
    """
    if subject.critic is None:
        raise NoCriticError
    return subject.critic


def read_score(z: Latents, subject: Subject, watch: Watch) -> float:
    """The score of the picture of ``z`` (dim,)."""
    watch.check()
    return float(fake_scores(subject.generator, critic_of(subject), z[np.newaxis])[0])


def read_scores(latents: Latents, subject: Subject, watch: Watch) -> Scores:
    """Scores (n,) of the pictures of ``latents`` (n, dim)."""
    return fake_scores(subject.generator, critic_of(subject), latents, watch)


def judge_random(subject: Subject, watch: Watch) -> Judged:
    """Random pictures to compare with."""
    return reference(subject.generator, critic_of(subject), subject.dim, REFERENCES, watch)


def score_reals(images: Bytes, subject: Subject, watch: Watch) -> Scores:
    """Scores of at most :data:`REFERENCES` of ``images`` (n, H, W, C), always the same ones."""
    rows = np.sort(np.random.default_rng(0).permutation(len(images))[:REFERENCES])
    return real_scores(critic_of(subject), np.asarray(images[rows]), watch)


def best_row(latents: Latents, subject: Subject, watch: Watch) -> int:
    """The row of ``latents`` (n, dim) whose picture the critic likes best."""
    return int(read_scores(latents, subject, watch).argmax())


@dataclass(frozen=True, eq=False)
class Chosen:
    """Neighbours, and what choosing them has cost."""

    request: NeighbourRequest
    scores: Scores
    """(n,) of its rows, best first."""
    among: int
    """Pictures they were chosen from."""
    rows: tuple[int, ...]
    """(n,) which of the candidates they were."""
    diversity: float
    """See :attr:`gan.instruments.critic.BestOf.diversity`."""


def best_neighbours(search: Search, times: int, subject: Subject, watch: Watch) -> Chosen:
    """Draw ``times`` as many neighbours as the settings say, and keep those the critic likes best."""
    request = search.draw(times)
    watch.check()
    seen = judge(subject.generator, critic_of(subject), request.latents, watch)
    best = best_of(request.latents, seen.scores, search.settings.count, seen.looks)
    rows = best.chosen
    kept = NeighbourRequest(best.latents, request.base[rows], tuple(request.parents[i] for i in rows), request.sigma)
    return Chosen(kept, best.scores, len(seen.scores), tuple(int(row) for row in rows), best.diversity)


def climb(z: Latents, steps: int, locks: Mask, held: Latents, subject: Subject, watch: Watch) -> Improved:
    """Improve ``z`` (dim,) step by step, showing the best so far.

    Args:
        locks: (dim,) values that stay.
        held: (k, dim) directions along which the place stays.

    Raises:
        UserError: there is no critic, or nothing to turn.
    """
    return improve(subject.generator, critic_of(subject), z, steps, ~locks, held, show=watch.show)


def cost(seen: Judged, group: int) -> float:
    """See :func:`gan.instruments.critic.diversity_of_best`."""
    return diversity_of_best(seen.scores, seen.looks, group)
