"""Finding and learning directions on the networks of the open model, in an instrument's thread."""

from __future__ import annotations

from gan.errors import UserError
from gan.instruments import Tell
from gan.instruments.directions import activation_pca, attribute, local_axes, sefa
from gan.instruments.sensitivity import JacobianProbe
from gan.instruments.subject import Subject
from gan.latent.directions import Direction
from gan.latent.draws import Latents

SLOW = frozenset({"pca"})
"""Methods that may take more than a second."""


def search(method: str, n: int, z: Latents, subject: Subject, tell: Tell) -> list[Direction]:
    """The ``n`` strongest directions by sefa, pca, or local around ``z`` (dim,); fewer where the latent is shorter.

    Raises:
        UserError: the network does not allow the method, or gives NaN.
    """
    n = min(n, subject.dim)
    if method == "sefa":
        return sefa(subject.generator, subject.dim, n)
    if method == "pca":
        return activation_pca(subject.generator, subject.dim, n, tell=tell)
    if method == "local":
        return local_axes(JacobianProbe(subject.generator, subject.dim), z, n, tell)
    raise UserError(f"There is no method {method!r}.", "Choose SeFa, activation PCA or local axes.")


def learn(name: str, positive: Latents, negative: Latents, subject: Subject, tell: Tell) -> Direction:
    """:func:`gan.instruments.directions.attribute`; the networks are not asked."""
    return attribute(name, positive, negative, tell)
