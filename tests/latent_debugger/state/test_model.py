from __future__ import annotations

from dataclasses import replace

from latent_debugger.state.model import OpenModel


def test_steps_of_one_run_are_the_same_model(model: OpenModel) -> None:
    assert model.same_model("run-a", "b" * 64)
    assert not model.same_model("run-b", "a" * 64)


def test_without_a_run_the_file_decides(model: OpenModel) -> None:
    assert model.same_model(None, "a" * 64)
    assert not model.same_model(None, "b" * 64)
    foreign = replace(model, run=None)
    assert foreign.same_model(None, "a" * 64)
    assert foreign.same_model("run-a", "a" * 64)
    assert not foreign.same_model("run-a", "b" * 64)
