"""Directions: unit vectors in latent space along which one thing changes, found in four ways.

* SeFa (Shen & Zhou 2021, arXiv 2007.06600): eigenvectors of A^T A, A the first linear layer.
* Activation PCA (Härkönen et al. 2020, GANSpace, arXiv 2004.02546): principal components of a layer's activations,
  carried back to the latent by least squares.
* Local axes: eigenvectors of J^T J, J the Jacobian of the picture: largest change of pixels around one latent.
* Attribute directions: the normal of a regularised logistic regression between latents tagged + and -.

Latents are N(0, I), so one unit along a unit vector is one standard deviation.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.images import Floats
from gan.instruments import Tell, silent
from gan.instruments.folding import folded
from gan.instruments.sensitivity import JacobianProbe, first_layer
from gan.latent.directions import Direction, unit
from gan.latent.draws import draw
from gan.rendering import one_thread

MAX_LEFT_OUT = 200
"""Up to so many labels each is left out by itself; more are left out in so many groups, which takes as long."""
_SAMPLES, _BATCH, _MAX_UNITS = 2048, 64, 4096
_STRENGTH = 0.01  # C, the inverse of the penalty's weight
_CLOSED = "Activation PCA has to look into the network’s layers, which this model does not allow."
_NOTHING = "The pictures do not change with the latent as far as this can tell."


def sefa(generator: nn.Module, dim: int, n: int = 10) -> list[Direction]:
    """The ``n`` strongest directions of the first layer (SeFa, equation 5); with its batch normalisation.

    Raises:
        UserError: the generator does not begin with a linear layer.
    """
    weight = _projection(generator, dim)
    if weight is None:
        raise UserError("SeFa needs a generator that begins with a linear layer.", "Try activation PCA or local axes.")
    return _axes(weight.t() @ weight, "sefa", "SeFa", n)


def local_axes(probe: JacobianProbe, z: Floats, n: int = 10, tell: Tell = silent) -> list[Direction]:
    """The ``n`` directions along which the pixels change most around ``z`` (dim,): eigenvectors of J^T J."""
    columns = probe.jacobian(z, tell).flatten(1)  # (dim, pixels)
    return _axes(columns @ columns.t(), "local", "Local axis", n)


def activation_pca(
    generator: nn.Module, dim: int, n: int = 10, seed: int = 0, samples: int = _SAMPLES, tell: Tell = silent
) -> list[Direction]:
    """The ``n`` strongest principal components of an early layer's activations over N(0, I), as latent directions
    (GANSpace, section 2.2): the least-squares map from coordinates along the components to latents.

    Raises:
        UserError: the generator's layers cannot be looked into, or they do not depend on the latent.
    """
    network = _copy(generator)
    if network is None:
        raise UserError(_CLOSED, "Try local axes.")
    latents = torch.from_numpy(draw(samples, dim, seed))
    with one_thread(), torch.no_grad():
        layer = _early_layer(network, dim)
        rows = []
        for start in range(0, samples, _BATCH):
            rows.append(_activations(network, layer, latents[start : start + _BATCH]))
            tell(min(1.0, (start + _BATCH) / samples))
        activations = torch.cat(rows)
        if not torch.isfinite(activations).all():
            raise UserError("The network gives NaN or infinite values, so it has no directions.", "Open another step.")
        centred = activations - activations.mean(0)
        count = min(n, dim, samples - 1)
        # q a little above what is wanted, and a few power iterations: Halko et al. 2011, section 4
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            u, scale, _ = torch.svd_lowrank(centred, q=min(count + 10, min(centred.shape)), niter=4)
        coordinates = u[:, :count] * scale[:count]  # (samples, n)
        solved = torch.linalg.lstsq(coordinates, latents - latents.mean(0)).solution  # (n, dim)
        shares = scale[:count].square() / centred.square().sum().clamp_min(1e-30)
    found = [(row, float(share)) for row, share in zip(solved, shares, strict=True) if share > 0 and row.any()]
    if not found:
        raise UserError(_NOTHING, "Try SeFa or local axes.")
    return [Direction(f"PCA {k + 1}", _signed(row), "pca", share) for k, (row, share) in enumerate(found)]


def attribute(name: str, positive: Floats, negative: Floats, tell: Tell = silent) -> Direction:
    """The direction from latents tagged - (m, dim) to latents tagged + (k, dim), by logistic regression with a
    strong ridge penalty, since there are fewer labels than dimensions.

    Raises:
        UserError: one of the two kinds is missing, or both kinds are the same.
    """
    if not len(positive) or not len(negative):
        raise UserError(f"“{name}” needs at least one star tagged + and one tagged −.", "Tag some stars first.")
    x = np.concatenate([positive, negative]).astype(np.float64)
    y = np.concatenate([np.ones(len(positive)), np.zeros(len(negative))])
    from sklearn.linear_model import LogisticRegression  # slow to import, and rarely needed
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=_STRENGTH, class_weight="balanced")
    groups = _left_out(len(x))
    right = np.zeros(len(x), np.bool_)
    with threadpool_limits(1):  # many tiny problems: threads would only wait for each other
        for done, left_out in enumerate(groups, 1):
            keep = np.ones(len(x), np.bool_)
            keep[left_out] = False
            if len(set(y[keep])) == 2:
                right[left_out] = model.fit(x[keep], y[keep]).predict(x[left_out]) == y[left_out]
            tell(done / len(groups))
        fitted = model.fit(x, y)
    try:
        vector = unit(fitted.coef_[0])
    except ValueError:
        raise UserError(f"The stars tagged + and − for “{name}” do not differ.", "Tag other stars.") from None
    # of either kind alike: where 50 stars are + and 10 are −, calling all of them + must not look good
    accuracy = float(right[y == 1].mean() + right[y == 0].mean()) / 2
    return Direction(name, vector, "attribute", accuracy=accuracy, labels=len(x))


def _left_out(n: int) -> list[np.ndarray]:
    """Which of ``n`` labels are left out together: as mixed as they can be, and always the same."""
    order = np.random.RandomState(0).permutation(n)
    return np.array_split(order, min(n, MAX_LEFT_OUT))


def _axes(gram: Tensor, method: str, title: str, n: int) -> list[Direction]:
    """The leading eigenvectors of a symmetric matrix (dim, dim).

    Raises:
        UserError: it is zero, or not finite.
    """
    if not torch.isfinite(gram).all():
        raise UserError("The network gives NaN or infinite values here, so it has no directions.", "Open another step.")
    if not gram.any():
        raise UserError(_NOTHING, "Try another latent, or another method.")
    values, vectors = torch.linalg.eigh(gram.double())
    values, vectors = values.flip(0).clamp_min(0), vectors.flip(1)
    shares = values / values.sum().clamp_min(1e-30)
    count = min(n, len(values))
    return [Direction(f"{title} {k + 1}", _signed(vectors[:, k]), method, float(shares[k])) for k in range(count)]


def _projection(generator: nn.Module, dim: int) -> Tensor | None:
    """The first layer with the batch normalisation right behind it, which is affine in eval mode (units, dim)."""
    network = _copy(generator)
    weight = first_layer(network, dim) if network is not None else None
    norm = getattr(generator, "project_norm", None)
    if weight is None or not isinstance(norm, nn.BatchNorm2d) or norm.running_var is None:
        return weight
    scale = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
    return weight * scale.repeat_interleave(len(weight) // len(scale))[:, None].float().cpu()


def _copy(generator: nn.Module) -> nn.Module | None:
    """A frozen copy whose layers can be looked at; None where something else than layers draws the pictures."""
    if next(generator.parameters(), None) is None:
        return None
    try:
        return folded(generator)
    except (TypeError, RuntimeError, NotImplementedError):  # what copying a handle of another library ends in
        return None


def _early_layer(network: nn.Module, dim: int) -> nn.Module:
    """The first activation function behind the second layer with weights: early enough to be about content, late enough
    not to be linear in the latent.

    Raises:
        UserError: there is no layer to be seen.
    """
    seen = 0
    for part in network.modules():
        if isinstance(part, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            seen += 1
        elif seen >= 2 and not list(part.children()) and not isinstance(part, nn.Identity):
            return part
    first = next((p for p in network.modules() if isinstance(p, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)), None)
    if first is None:
        raise UserError(
            "Activation PCA has to look into the network, which this model does not allow.", "Try local axes."
        )
    return first


class _SeenError(Exception):
    """What a layer answered: nothing behind it need be computed."""

    def __init__(self, output: object) -> None:
        super().__init__()
        self.output = output


def _activations(network: nn.Module, layer: nn.Module, z: Tensor) -> Tensor:
    """What ``layer`` answers, flat (N, units); large maps are pooled, for components hardly need every pixel."""
    found: object = None

    def end(_module: nn.Module, _inputs: object, output: object) -> None:
        raise _SeenError(output)

    handle = layer.register_forward_hook(end)
    try:
        network(z)
    except _SeenError as seen:
        found = seen.output
    finally:
        handle.remove()
    if not isinstance(found, Tensor):
        raise UserError("Activation PCA found no layer it can read in this network.", "Try SeFa or local axes.")
    while found.ndim == 4 and found[0].numel() > _MAX_UNITS and min(found.shape[2:]) > 1:
        found = nn.functional.avg_pool2d(found, 2)
    return found.flatten(1).float()


def _signed(vector: Tensor) -> Floats:
    """Length 1; the sign is such that the largest entry is positive, so that the same find looks the same."""
    values = vector.double().numpy()
    return unit(values * np.sign(values[np.abs(values).argmax()]))
