"""Planted axes are recovered; files are read without trusting them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.instruments import directions
from gan.instruments.directions import Direction
from gan.instruments.sensitivity import JacobianProbe
from gan.latent.draws import draw


def aligned(found: list[Direction], axes: Tensor) -> list[float]:
    return [abs(float(direction.vector @ axis.numpy())) for direction, axis in zip(found, axes, strict=True)]


def test_three_methods_recover_the_axes_of_a_linear_generator(planted: nn.Module, axes: Tensor) -> None:
    for found in (
        directions.sefa(planted, 8, 3),
        directions.local_axes(JacobianProbe(planted, 8), draw(1, 8, 0)[0], 3),
        directions.activation_pca(planted, 8, 3),
    ):
        assert min(aligned(found, axes)) > 0.99, found[0].method
        assert [round(np.linalg.norm(direction.vector), 5) for direction in found] == [1, 1, 1]
        shares = [direction.share for direction in found]
        np.testing.assert_allclose(shares, np.array([16, 4, 1]) / 21, atol=0.05)


def test_pca_sees_behind_a_non_linear_layer(make_generator: Callable[..., nn.Module]) -> None:
    found = directions.activation_pca(make_generator(), 12, 4, samples=256)
    again = directions.activation_pca(make_generator(), 12, 4, samples=256)
    assert [d.share for d in found] == sorted((d.share for d in found), reverse=True)  # type: ignore[type-var]
    for one, other in zip(found, again, strict=True):
        np.testing.assert_allclose(one.vector, other.vector, atol=1e-5)


def test_sefa_says_that_it_cannot() -> None:
    with pytest.raises(UserError, match="begins with a linear layer"):
        directions.sefa(nn.Sequential(nn.Conv2d(3, 3, 3)), 3)


def test_an_attribute_direction_finds_what_the_labels_follow() -> None:
    truth = np.zeros(30, np.float32)
    truth[4] = 1.0
    z = draw(40, 30, 7)
    plus = z @ truth > 0
    found = directions.attribute("glasses", z[plus], z[~plus])
    assert found.vector @ truth > 0.6 and found.labels == 40
    assert found.accuracy is not None and found.accuracy > 0.7 and not found.warning
    noise = directions.attribute("noise", z[::2], z[1::2])
    assert noise.accuracy is not None and noise.accuracy < found.accuracy and noise.warning
    assert "labels" in directions.attribute("few", z[:3], z[3:6]).warning
    with pytest.raises(UserError, match="at least one star"):
        directions.attribute("one-sided", z, z[:0])


def test_leave_one_out_accuracy_is_that_of_models_that_never_saw_the_label() -> None:
    """With two labels, leaving one out leaves a single kind: nothing can be right."""
    z = draw(2, 5, 0)
    assert directions.attribute("two", z[:1], z[1:]).accuracy == 0.0


def test_orthogonal_directions_leave_the_locked_ones_alone() -> None:
    vectors = draw(3, 10, 2)
    a, b, c = (Direction(str(i), v / np.linalg.norm(v), "file") for i, v in enumerate(vectors))
    rest = directions.orthogonal_to(a, [b, c])
    assert abs(rest.vector @ b.vector) < 1e-6 and abs(rest.vector @ c.vector) < 1e-6 and rest.vector @ a.vector > 0
    assert directions.orthogonal_to(a, []) is a
    with pytest.raises(UserError, match="nothing of it is left"):
        directions.orthogonal_to(replace(a, name="copy"), [a, b])


def test_directions_travel_as_a_file(tmp_path: Path, planted: nn.Module) -> None:
    found = directions.sefa(planted, 8, 3)
    path = tmp_path / "d.npz"
    directions.save_directions(path, found, run="r")
    with np.load(path, allow_pickle=False) as file:
        assert file["vectors"].shape == (3, 8) and file["vectors"].dtype == np.float32
    for one, other in zip(found, directions.load_directions(path, 8), strict=True):
        np.testing.assert_allclose(one.vector, other.vector, atol=1e-6)
        fields = ("name", "method", "share", "accuracy", "labels")
        assert [getattr(one, f) for f in fields] == [getattr(other, f) for f in fields]
    with pytest.raises(UserError, match="8 dimensions, but the model takes 9"):
        directions.load_directions(path, 9)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"no zip at all" * 9])
def test_damaged_files_are_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "d.npz"
    path.write_bytes(content)
    with pytest.raises(UserError):
        directions.load_directions(path, 8)
    with pytest.raises(UserError, match="cannot be read"):
        directions.load_directions(tmp_path / "missing.npz", 8)


def test_objects_in_a_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, vectors=np.array([object()]), about=np.array("{}"))
    with pytest.raises(UserError, match="holds no directions"):
        directions.load_directions(path, 8)
    np.savez(path, vectors=np.full((1, 8), np.nan, np.float32), about=np.array('{"directions": [{"name": "x"}]}'))
    with pytest.raises(UserError, match="holds no directions"):
        directions.load_directions(path, 8)


def test_torch_stays_reproducible_around_it(planted: nn.Module) -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    directions.activation_pca(planted, 8, 2)
    assert torch.equal(before, torch.random.get_rng_state())
