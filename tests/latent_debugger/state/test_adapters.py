from __future__ import annotations

from latent_debugger.state import adapters
from latent_debugger.state.adapters import AdapterMemory
from latent_debugger.state.model import AdapterUse

CAT, DOG = AdapterUse("mine", "cat"), AdapterUse("x.py:Mine", "dog", "w")


def test_there_and_back(tmp_path):
    memory = AdapterMemory().adding("/a.pth", CAT).adding("/b.pth", DOG).naming("mine")
    memory.save(tmp_path / "adapters.json")
    assert AdapterMemory.load(tmp_path / "adapters.json") == memory
    assert AdapterMemory.load(tmp_path / "missing.json") == AdapterMemory()


def test_the_last_use_counts_and_the_oldest_go(monkeypatch):
    monkeypatch.setattr(adapters, "MOST", 2)
    memory = AdapterMemory().adding("/a", CAT).adding("/b", CAT).adding("/a", DOG)
    assert memory.by_path == {"/b": CAT, "/a": DOG}
    assert list(memory.adding("/c", CAT).by_path) == ["/a", "/c"]
    assert memory.without("/a").without("/nobody").by_path == {"/b": CAT}


def test_what_does_not_fit_is_passed_over():
    values = {
        "last": 7,
        "files": {
            "/a": {"name": "mine", "label": 3, "space": None},
            "/b": {"name": ""},
            "/c": "mine",
            "/d": {"name": "\0"},
        },
    }
    assert AdapterMemory.from_json(values) == AdapterMemory({"/a": AdapterUse("mine")})
    for damaged in ([], None, {"files": []}, {"files": {"/a": []}, "last": "x" * 5000}):
        assert AdapterMemory.from_json(damaged) == AdapterMemory()
