"""The judge of attribute directions: what it is told, and how its answers are summed up."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from gan.data.people import make_people

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])


def test_labels_say_what_was_drawn(tmp_path: Path) -> None:
    from benchmarks.attribute_judge import ATTRIBUTES, correlations, read

    make_people(tmp_path, 60, 64, seed=4)
    images, labels = read(tmp_path)
    assert images.shape == (60, 64, 64, 3) and labels.shape == (60, len(ATTRIBUTES))
    known = labels[~np.isnan(labels)]
    assert set(known) == {0.0, 1.0}
    assert set(np.flatnonzero(np.isnan(labels).any(0))) == {ATTRIBUTES.index("hair length")}  # hats and buns
    table = correlations(labels)
    np.testing.assert_allclose(table, table.T, atol=1e-6)
    np.testing.assert_allclose(table.diagonal(), 1, atol=1e-6)


@pytest.mark.slow
def test_a_judge_scores_pictures_one_by_one(tmp_path: Path) -> None:
    from benchmarks.attribute_judge import Judge, read, train, trust

    make_people(tmp_path, 130, 64, seed=4)
    images, labels = read(tmp_path)
    judge = train(np.asarray(images), labels, epochs=1)
    scores = judge.scores(images[:5])
    assert scores.shape == (5, 4)
    np.testing.assert_allclose(scores[2:3], judge.scores(images[2:3]), atol=1e-4)
    for found in trust(judge, images, labels).values():
        assert 0 <= found.auc <= 1 and 0 <= found.accuracy <= 1
    assert isinstance(judge, Judge) and not judge.training


def test_the_table_counts_how_often_an_attribute_moves_its_own_most() -> None:
    from benchmarks.attributes import ATTRIBUTES, table

    changes = np.tile(np.eye(4) * 2 + 0.5, (3, 1, 1))
    changes[2, 1, 3] = -9.0  # once "smile" moves the skin more
    found = table("t", changes, np.full((3, 4, 4, 2), 0.5))
    counts = list(found.columns[list(ATTRIBUTES).index("skin") + 3].cells)
    assert counts == ["3 of 3", "2 of 3", "3 of 3", "3 of 3"]
