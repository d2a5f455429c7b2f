from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from gan.checkpoints import CheckpointInfo
from gan.config import ModelConfig
from gan.errors import UserError
from gan.instruments import silent
from gan.instruments.subject import Subject, subject_of
from gan.latent.draws import draw
from gan.models import build_generator
from latent_debugger.services.direction_search import learn, search


@pytest.fixture
def subject() -> Subject:
    torch.manual_seed(0)
    config = ModelConfig(image_size=32, z_dim=6, width=4)
    return subject_of(CheckpointInfo(Path("m"), "dcgan", config, step=1, run="r"), build_generator(config))


@pytest.mark.parametrize("method", ["sefa", "pca", "local"])
def test_every_method_finds_as_many_as_there_can_be(subject: Subject, method: str) -> None:
    found = search(method, 40, draw(1, 6, 0)[0], subject, silent)
    assert len(found) == 6 and {direction.method for direction in found} == {method}
    vectors = np.stack([direction.vector for direction in found])
    if method != "pca":  # least squares does not keep right angles
        np.testing.assert_allclose(vectors @ vectors.T, np.eye(6), atol=1e-5)


def test_the_slow_one_can_be_cancelled(subject: Subject) -> None:
    def stop(_share: float) -> None:
        raise UserError("Cancelled.")

    with pytest.raises(UserError, match="Cancelled"):
        search("pca", 3, draw(1, 6, 0)[0], subject, stop)
    with pytest.raises(UserError, match="Cancelled"):
        learn("x", draw(3, 6, 0), draw(3, 6, 1), subject, stop)


def test_an_unknown_method_is_refused(subject: Subject) -> None:
    with pytest.raises(UserError, match="no method"):
        search("magic", 3, draw(1, 6, 0)[0], subject, silent)
