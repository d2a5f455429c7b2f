"""What is planted in larger generators is found, and nothing is found in the bundled model that is not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.images import Floats
from gan.instruments import directions
from gan.instruments.sensitivity import JacobianProbe
from gan.instruments.subject import open_subject
from gan.latent.directions import orthogonal_to
from gan.latent.draws import draw

MODEL = Path(__file__).parents[3] / "checkpoints" / "people64" / "step-00020000.safetensors"
DIM, PLANTED = 100, 4


class Smooth(nn.Module):
    """z (N, 100) -> pictures (N, 1, 16, 16): linear, with 100 axes whose strengths fall evenly on a log scale."""

    def __init__(self) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(2)
        self.axes = torch.linalg.qr(torch.randn(DIM, DIM, generator=random))[0]
        pixels = torch.linalg.qr(torch.randn(256, DIM, generator=random))[0]
        self.project = nn.Linear(DIM, 256, bias=False)
        with torch.no_grad():
            self.project.weight.copy_(pixels @ torch.diag(torch.logspace(1, -2, DIM)) @ self.axes)

    def forward(self, z: Tensor) -> Tensor:
        return self.project(z).view(len(z), 1, 16, 16)


def test_the_strongest_of_a_hundred_axes_are_recovered() -> None:
    generator = Smooth().eval().requires_grad_(False)
    ways = (
        directions.sefa(generator, DIM, 3),
        directions.local_axes(JacobianProbe(generator, DIM), draw(1, DIM, 0)[0], 3),
    )
    for found in ways:
        for direction, axis in zip(found, generator.axes.numpy(), strict=False):
            assert abs(float(direction.vector @ axis)) > 0.99, direction.name


def wheel() -> Floats:
    """(4, 100) unit vectors; the first two lean on each other (cosine 0.5), the others stand alone."""
    axes = np.linalg.qr(draw(DIM, DIM, 8).T.astype(np.float64))[0].T[:PLANTED]
    axes[1] = 0.5 * axes[0] + np.sqrt(0.75) * axes[1]
    return axes.astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_sixty_labels_give_the_direction_that_moves_its_own_attribute_most(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four attributes are planted; of 400 latents the 30 highest and 30 lowest of each are its stars. A step along the
    direction moves an attribute by its cosine with that attribute's own axis."""
    monkeypatch.setattr(directions, "MAX_LEFT_OUT", 2)  # the accuracy is not the question, and is most of the work
    planted, latents = wheel(), draw(400, DIM, 50 + seed)
    found = []
    for axis in planted:
        order = np.argsort(np.tanh(latents @ axis), kind="stable")
        found.append(directions.attribute("planted", latents[order[-30:]], latents[order[:30]]))
    moved = np.stack([direction.vector for direction in found]) @ planted.T  # (direction, attribute)
    assert (moved.argmax(1) == np.arange(PLANTED)).all()
    assert moved.diagonal().min() > 0.5
    apart = [orthogonal_to(one, [other for other in found if other is not one]) for one in found]
    cosines = np.stack([one.vector for one in apart]) @ np.stack([one.vector for one in found]).T
    np.testing.assert_allclose(cosines - np.diag(cosines.diagonal()), 0, atol=1e-5)
    # what leaned on each other leans less
    unmixed = np.stack([one.vector for one in apart]) @ planted.T
    assert abs(unmixed[0, 1]) < abs(moved[0, 1]) and abs(unmixed[1, 0]) < abs(moved[1, 0])


def test_many_labels_of_one_kind_do_not_make_a_guess_look_good() -> None:
    """36 labels against 4, and neither has to do with the latents: always saying + would be right in 90 %."""
    latents = draw(40, 12, 21)
    found = directions.attribute("noise", latents[:36], latents[36:])
    assert found.accuracy is not None and found.accuracy < 0.7 and found.warning


def test_the_bundled_model_is_measured_right_and_has_no_dead_dimension() -> None:
    subject = open_subject(MODEL)
    probe = JacobianProbe(subject.generator, subject.dim)
    dead = probe.dead()
    assert dead.exact and not dead.mask.any()
    some, step = np.arange(0, subject.dim, 10), 1e-5
    z = draw(1, subject.dim, 3)[0]
    at, eye = torch.tensor(z, dtype=torch.float64), torch.eye(subject.dim, dtype=torch.float64)[some] * step
    double = subject.generator.double()
    reference = (double(at + eye) - double(at - eye)).square().sum((1, 2, 3)).sqrt().numpy() / (2 * step)
    np.testing.assert_allclose(probe.sensitivity(z).norms[some], reference, rtol=0.01)
