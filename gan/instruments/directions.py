"""Directions: unit vectors in latent space along which one thing changes, found in four ways.

* SeFa (Shen & Zhou 2021, arXiv 2007.06600): eigenvectors of A^T A, A the first linear layer.
* Activation PCA (Härkönen et al. 2020, GANSpace, arXiv 2004.02546): principal components of a layer's activations,
  carried back to the latent by least squares.
* Local axes: eigenvectors of J^T J, J the Jacobian of the picture: largest change of pixels around one latent.
* Attribute directions: the normal of a regularised logistic regression between latents tagged + and -.

Latents are N(0, I), so one unit along a unit vector is one standard deviation.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.files import write_atomic
from gan.images import Floats
from gan.instruments import Tell, silent
from gan.instruments.folding import folded
from gan.instruments.sensitivity import JacobianProbe, first_layer
from gan.latent.draws import draw
from gan.rendering import one_thread

FEW_LABELS = 20
"""Under so many labels an attribute direction deserves a warning."""
_SAMPLES, _BATCH, _MAX_UNITS = 2048, 64, 4096
_STRENGTH = 0.01  # C, the inverse of the penalty's weight


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction and where it comes from."""

    name: str
    vector: Floats
    """(dim,) float32 of length 1; a step of 1 is one standard deviation."""
    method: str
    """sefa, pca, local, attribute or file."""
    share: float | None = None
    """Of all the change the method looked at, 0 ... 1; None for attribute directions."""
    accuracy: float | None = None
    """Share of labels that a model fitted to the others gets right (leave one out); attribute directions only."""
    labels: int = 0
    """Labelled latents behind it; attribute directions only."""

    @property
    def warning(self) -> str:
        """Why not to trust it, in one sentence; empty where nothing speaks against it."""
        if self.method != "attribute":
            return ""
        if self.labels < FEW_LABELS:
            return f"Only {self.labels} labels: with fewer than {FEW_LABELS} a direction is little more than a guess."
        if self.accuracy is not None and self.accuracy < 0.7:
            return f"Tells + from − in only {self.accuracy:.0%} of the labels left out; chance is about one half."
        return ""


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
    (GANSpace, section 2.2): the least-squares map from coordinates along the components to latents."""
    network = folded(generator)
    latents = torch.from_numpy(draw(samples, dim, seed))
    with one_thread(), torch.no_grad():
        layer = _early_layer(network, dim)
        rows = []
        for start in range(0, samples, _BATCH):
            rows.append(_activations(network, layer, latents[start : start + _BATCH]))
            tell(min(1.0, (start + _BATCH) / samples))
        activations = torch.cat(rows)
        centred = activations - activations.mean(0)
        count = min(n, dim, samples - 1)
        # q a little above what is wanted, and a few power iterations: Halko et al. 2011, section 4
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            u, scale, _ = torch.svd_lowrank(centred, q=min(count + 10, min(centred.shape)), niter=4)
        coordinates = u[:, :count] * scale[:count]  # (samples, n)
        solved = torch.linalg.lstsq(coordinates, latents - latents.mean(0)).solution  # (n, dim)
        shares = scale[:count].square() / centred.square().sum().clamp_min(1e-30)
    return [
        Direction(f"PCA {k + 1}", _unit(row.numpy()), "pca", float(share))
        for k, (row, share) in enumerate(zip(solved, shares, strict=True))
    ]


def attribute(name: str, positive: Floats, negative: Floats) -> Direction:
    """The direction from latents tagged - (m, dim) to latents tagged + (k, dim), by logistic regression with a
    strong ridge penalty, since there are fewer labels than dimensions.

    Raises:
        UserError: one of the two kinds is missing.
    """
    if not len(positive) or not len(negative):
        raise UserError(f"“{name}” needs at least one star tagged + and one tagged −.", "Tag some stars first.")
    x = np.concatenate([positive, negative]).astype(np.float64)
    y = np.concatenate([np.ones(len(positive)), np.zeros(len(negative))])
    from sklearn.linear_model import LogisticRegression  # slow to import, and rarely needed
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=_STRENGTH, class_weight="balanced")
    right = 0
    with threadpool_limits(1):  # many tiny problems: threads would only wait for each other
        for left_out in range(len(x)):
            keep = np.arange(len(x)) != left_out
            if len(set(y[keep])) == 2:
                right += int(model.fit(x[keep], y[keep]).predict(x[left_out : left_out + 1])[0] == y[left_out])
        fitted = model.fit(x, y)
    return Direction(name, _unit(fitted.coef_[0]), "attribute", accuracy=right / len(x), labels=len(x))


def orthogonal_to(direction: Direction, others: list[Direction]) -> Direction:
    """The part of ``direction`` that changes nothing along ``others``, as TL-GAN does against locked attributes.

    Raises:
        UserError: nothing is left of it.
    """
    if not others:
        return direction
    basis, _ = np.linalg.qr(np.stack([other.vector for other in others], axis=1).astype(np.float64))
    rest = direction.vector - basis @ (basis.T @ direction.vector)
    if np.linalg.norm(rest) < 1e-3:
        raise UserError(f"{direction.name} lies within the locked directions, so nothing of it is left.", "Unlock one.")
    return replace(direction, vector=_unit(rest))


def save_directions(path: Path, directions: list[Direction], *, space: str = "z", run: str | None = None) -> None:
    """Write ``vectors`` (n, dim) float32 and a JSON description to an ``.npz`` that anybody's NumPy can read."""
    fields = ("name", "method", "share", "accuracy", "labels")
    about = {"space": space, "run": run, "directions": [{f: getattr(d, f) for f in fields} for d in directions]}
    buffer = io.BytesIO()
    vectors = np.stack([direction.vector for direction in directions]).astype(np.float32)
    np.savez(buffer, vectors=vectors, about=np.array(json.dumps(about)))
    write_atomic(path, buffer.getvalue())


def load_directions(path: Path, dim: int) -> list[Direction]:
    """Read what :func:`save_directions` wrote; nothing in the file is executed.

    Raises:
        UserError: it is no such file, or its directions have another length than ``dim``.
    """
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            vectors, about = file["vectors"], json.loads(str(file["about"]))["directions"]
        if vectors.ndim != 2 or vectors.dtype != np.float32 or len(about) != len(vectors):
            raise ValueError("shape")
        if not np.isfinite(vectors).all() or not np.linalg.norm(vectors, axis=1).all():
            raise ValueError("values")
        named = [(str(entry["name"]), entry) for entry in about]
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or 'it is damaged'}.") from error
    except (ValueError, KeyError, TypeError, RecursionError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} holds no directions.", "Choose an .npz that this program saved.") from error
    if vectors.shape[1] != dim:
        raise UserError(f"The directions in {path} have {vectors.shape[1]} dimensions, but the model takes {dim}.")
    return [
        Direction(
            name, _unit(vector), str(entry.get("method") or "file"), _number(entry.get("share")),
            _number(entry.get("accuracy")), int(_number(entry.get("labels")) or 0),
        )
        for (name, entry), vector in zip(named, vectors, strict=True)
    ]  # fmt: skip


def _axes(gram: Tensor, method: str, title: str, n: int) -> list[Direction]:
    """The leading eigenvectors of a symmetric matrix (dim, dim)."""
    values, vectors = torch.linalg.eigh(gram.double())
    values, vectors = values.flip(0).clamp_min(0), vectors.flip(1)
    shares = values / values.sum().clamp_min(1e-30)
    count = min(n, len(values))
    return [Direction(f"{title} {k + 1}", _unit(vectors[:, k].numpy()), method, float(shares[k])) for k in range(count)]


def _projection(generator: nn.Module, dim: int) -> Tensor | None:
    """The first layer with the batch normalisation right behind it, which is affine in eval mode (units, dim)."""
    weight = first_layer(folded(generator), dim)
    norm = getattr(generator, "project_norm", None)
    if weight is None or not isinstance(norm, nn.BatchNorm2d) or norm.running_var is None:
        return weight
    scale = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
    return weight * scale.repeat_interleave(len(weight) // len(scale))[:, None].float().cpu()


def _early_layer(network: nn.Module, dim: int) -> nn.Module:
    """The first activation function behind the second layer with weights: early enough to be about content, late enough
    not to be linear in the latent."""
    seen = 0
    for part in network.modules():
        if isinstance(part, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            seen += 1
        elif seen >= 2 and not list(part.children()) and not isinstance(part, nn.Identity):
            return part
    return next(part for part in network.modules() if isinstance(part, nn.Linear | nn.Conv2d | nn.ConvTranspose2d))


def _activations(network: nn.Module, layer: nn.Module, z: Tensor) -> Tensor:
    """What ``layer`` answers, flat (N, units); large maps are pooled, for components hardly need every pixel."""
    caught: list[Tensor] = []
    handle = layer.register_forward_hook(lambda _module, _inputs, output: caught.append(output))
    try:
        network(z)
    finally:
        handle.remove()
    found = caught[0]
    while found.ndim == 4 and found[0].numel() > _MAX_UNITS and min(found.shape[2:]) > 1:
        found = nn.functional.avg_pool2d(found, 2)
    return found.flatten(1).float()


def _unit(vector: npt.NDArray[np.floating[Any]]) -> Floats:
    """Length 1; the sign is fixed by the largest entry, so that the same find looks the same."""
    values = np.asarray(vector, np.float64)
    return (values / np.linalg.norm(values)).astype(np.float32)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
