from __future__ import annotations

from gan.importers.choices import Choices
from latent_debugger.state import drawn_as
from latent_debugger.state.drawn_as import DrawnAs

A, B = "a" * 64, "b" * 64


def test_there_and_back(tmp_path):
    said = DrawnAs().adding(A, Choices("none", "0..1", "batch")).adding(B, Choices(output_range="0..1"))
    said.save(tmp_path / "x.json")
    assert DrawnAs.load(tmp_path / "x.json") == said
    assert DrawnAs.load(tmp_path / "missing.json") == DrawnAs()


def test_the_last_answer_counts_and_the_oldest_go(monkeypatch):
    monkeypatch.setattr(drawn_as, "MOST", 2)
    said = DrawnAs().adding(A, Choices("none")).adding(B, Choices("tanh")).adding(A, Choices("sigmoid"))
    assert said.by_sha256 == {B: Choices("tanh"), A: Choices("sigmoid")}
    assert list(said.adding("c" * 64, Choices("none")).by_sha256) == [A, "c" * 64]


def test_what_does_not_fit_is_passed_over():
    values = {
        A: {"activation": "softmax", "output_range": "0..1", "more": 1},
        B: {"activation": ["tanh"]},
        "short": {"activation": "tanh"},
        "c" * 64: "tanh",
    }
    assert DrawnAs.from_json(values).by_sha256 == {A: Choices(output_range="0..1")}
    assert DrawnAs.from_json([values]) == DrawnAs()
