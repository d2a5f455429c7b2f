"""Entries are whole or not there, whatever builders and evictions do at the same time."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from gan.data.cache import Cache, default_cache

Usage = namedtuple("Usage", "total used free")


def build(cache: Cache, key: str, size: int = 10) -> None:
    with cache.building(key) as folder:
        (folder / "file").write_bytes(bytes(size))


def names(cache: Cache) -> list[str]:
    return sorted(path.name for path in cache.folder.iterdir())


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", limit=100)


def test_an_entry_is_found_when_it_is_complete(cache: Cache) -> None:
    assert cache.find("a") is None
    with cache.building("a") as folder:
        (folder / "file").write_text("half")
        assert cache.find("a") is None
    found = cache.find("a")
    assert found is not None and (found / "file").read_text() == "half"
    assert names(cache) == ["a"]


def test_an_interrupted_builder_leaves_nothing(cache: Cache) -> None:
    with pytest.raises(KeyboardInterrupt), cache.building("a") as folder:
        (folder / "file").write_text("half")
        raise KeyboardInterrupt
    assert names(cache) == []


def test_of_two_builders_the_faster_one_stays_and_both_are_content(cache: Cache) -> None:
    with cache.building("a") as slow:
        (slow / "file").write_text("slow")
        with cache.building("a") as fast:
            (fast / "file").write_text("fast")
    found = cache.find("a")
    assert found is not None and (found / "file").read_text() == "fast"
    assert names(cache) == ["a"]


def age(cache: Cache, key: str, seconds: float) -> None:
    then = time.time() - seconds
    for path in (*(cache.folder / key).iterdir(), cache.folder / key):
        os.utime(path, (then, then))


def test_the_least_recently_used_go_first(cache: Cache) -> None:
    for index, key in enumerate("abc"):
        build(cache, key, 30)
        age(cache, key, 100 - index)
    assert cache.find("a") is not None  # which is a use
    build(cache, "d", 30)
    assert names(cache) == ["a", "c", "d"]


def test_the_newest_stays_even_if_it_is_too_large(cache: Cache) -> None:
    build(cache, "a")
    build(cache, "b", 1000)
    assert names(cache) == ["b"]


def test_what_a_killed_builder_left_goes_after_a_day(cache: Cache) -> None:
    for name, hours in (("old.x.part", 30), ("fresh.x.part", 1)):
        (cache.folder / name).mkdir(parents=True)
        (cache.folder / name / "file").write_text("half")
        age(cache, name, hours * 3600)
    build(cache, "a")
    assert names(cache) == ["a", "fresh.x.part"]


def test_what_is_dropped_is_gone(cache: Cache) -> None:
    build(cache, "a")
    cache.drop("a")
    cache.drop("never there")
    assert cache.find("a") is None and names(cache) == []


def test_a_full_disk_is_noticed_before_anything_is_read(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 40, 1 << 40, 1 << 20))
    with pytest.raises(OSError, match="space"), cache.building("a", room=2 << 20):
        raise AssertionError("not reached")
    assert names(cache) == []


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert default_cache() == Path(os.environ["LATENT_DEBUGGER_HOME"], "cache")
    monkeypatch.setenv("LATENT_DEBUGGER_CACHE", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("LATENT_DEBUGGER_CACHE")
    monkeypatch.delenv("LATENT_DEBUGGER_HOME")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", "/var/me")
        assert default_cache() == Path("/var/me/latent-debugger")
        monkeypatch.delenv("XDG_CACHE_HOME")
        assert default_cache() == Path.home() / ".cache" / "latent-debugger"
    else:
        assert default_cache().name == "latent-debugger"
