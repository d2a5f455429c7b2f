"""What is remembered of each model's directions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gan.errors import UserError
from gan.latent.directions import Direction, unit
from gan.latent.draws import draw
from latent_debugger.services.direction_files import recall, remember, remembered_at
from latent_debugger.state.directions import MAX_DIRECTIONS, KnownDirection


def some(n: int, dim: int = 6) -> list[KnownDirection]:
    return [KnownDirection.new(Direction(f"d {k}", unit(draw(n, dim, 1)[k]), "sefa", share=0.5)) for k in range(n)]


@pytest.mark.parametrize("key", ["run r z 6", "../../etc/passwd z 6", "run \udce4 z 6", "x" * 9000])
def test_directions_come_back_with_their_marks(private_home: Path, key: str) -> None:
    one, two = some(2)
    marked = [KnownDirection(one.id, one.direction, locked=True), KnownDirection(two.id, two.direction, kept=True)]
    remember(key, marked)
    assert remembered_at(key).parent == private_home / "directions"
    again, notice = recall(key, 6)
    assert notice == "" and [(item.locked, item.kept) for item in again] == [(True, False), (False, True)]
    for old, new in zip(marked, again, strict=True):
        np.testing.assert_allclose(old.direction.vector, new.direction.vector, atol=1e-6)
        assert (old.direction.name, old.direction.share) == (new.direction.name, new.direction.share)
    remember(key, [])
    assert not remembered_at(key).exists() and recall(key, 6) == ([], "")
    remember(key, [])


def test_a_damaged_file_is_set_aside(private_home: Path) -> None:
    path = remembered_at("k")
    path.parent.mkdir()
    path.write_bytes(b"rubbish")
    found, notice = recall("k", 6)
    assert found == [] and "were damaged" in notice
    assert not path.exists() and len(list(path.parent.iterdir())) == 1
    remember("k", some(1))
    found, notice = recall("k", 7)
    assert found == [] and "were damaged" in notice, "of another length: a model cannot change it"


def test_strange_marks_are_passed_over(private_home: Path) -> None:
    path = remembered_at("k")
    path.parent.mkdir()
    entries = [{"name": f"d {k}"} for k in range(60)]
    about = {"directions": entries, "window": {"locked": [0, "x", 999], "kept": 5}}
    np.savez(path, vectors=draw(60, 6, 0), about=np.array(json.dumps(about)))
    found, _ = recall("k", 6)
    assert len(found) == MAX_DIRECTIONS and [item.locked for item in found[:2]] == [True, False]
    assert not any(item.kept for item in found)


def test_what_cannot_be_written_is_said(private_home: Path) -> None:
    (private_home / "directions").write_text("a file where the folder should be")
    with pytest.raises(UserError, match="cannot be written"):
        remember("k", some(1))
