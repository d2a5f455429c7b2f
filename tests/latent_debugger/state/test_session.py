from __future__ import annotations

from dataclasses import replace

import numpy as np

from latent_debugger.state.commands import SetLatent
from latent_debugger.state.latent import Origin
from latent_debugger.state.model import OpenModel
from latent_debugger.state.session import Session


def test_the_first_model_gives_the_latent_its_size(model: OpenModel) -> None:
    session = Session()
    seen: list[int] = []
    session.model_changed.connect(lambda: seen.append(session.latent.dim))
    assert session.model is None
    session.set_model(model)
    assert session.model is model and seen == [5]


def test_new_weights_keep_latent_locks_and_history(model: OpenModel) -> None:
    session = Session()
    session.set_model(model)
    session.undo.push(SetLatent(session.latent, np.arange(5), Origin(), "go"))
    session.latent.set_locks([True] * 5)
    seen: list[object] = []
    session.latent.changed.connect(seen.append)
    session.set_model(replace(model, step=8, sha256="b" * 64))
    session.set_model(None)
    assert session.latent.z.tolist() == [0, 1, 2, 3, 4] and session.latent.locks.all()
    assert seen == [] and session.undo.count() == 1


def test_another_size_starts_anew(model: OpenModel) -> None:
    session = Session()
    session.set_model(model)
    session.undo.push(SetLatent(session.latent, np.arange(5), Origin(), "go"))
    session.set_model(replace(model, dim=7))
    assert session.latent.dim == 7 and not session.latent.z.any()
    assert session.undo.count() == 0


def test_history_is_long_enough() -> None:
    assert Session().undo.undoLimit() >= 200
