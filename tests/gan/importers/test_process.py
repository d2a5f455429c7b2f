from __future__ import annotations

import contextlib
import pickle
import sys
import zipfile

import pytest
import torch

from gan.importers import limits
from gan.importers.limits import UnreadableError
from gan.importers.process import Helper, warm_up


@pytest.fixture
def helper():
    helper = Helper()
    yield helper
    helper.stop()


def checkpoint(path):
    torch.save({"w": torch.arange(6.0).reshape(2, 3)}, path)
    return path


def test_one_process_answers_many_questions(tmp_path, helper):
    path = checkpoint(tmp_path / "x.pt")
    for _ in range(3):
        parsed = helper.parse(path, tmp_path / "spill")
        assert parsed.networks[0].tensors["w"].shape == (2, 3)
    first = helper._process
    helper.parse(path, tmp_path / "spill")
    assert helper._process is first


def test_it_imports_neither_torch_nor_numpy(tmp_path, helper):
    maps = f"/proc/{helper._ready().pid}/maps"
    helper.parse(checkpoint(tmp_path / "x.pt"), tmp_path / "spill")
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    with open(maps) as file:
        loaded = file.read()
    assert "torch" not in loaded and "numpy" not in loaded


def test_refusals_come_back_as_they_are(tmp_path, helper):
    (tmp_path / "x.pt").write_bytes(b"")
    with pytest.raises(UnreadableError, match="empty"):
        helper.parse(tmp_path / "x.pt", tmp_path / "spill")
    with pytest.raises(OSError):
        helper.parse(tmp_path / "missing.pt", tmp_path / "spill")
    assert helper.parse(checkpoint(tmp_path / "y.pt"), tmp_path / "spill").networks


def test_a_process_that_died_is_replaced(tmp_path, helper):
    path = checkpoint(tmp_path / "x.pt")
    helper.parse(path, tmp_path / "spill")
    helper._process.kill()
    helper._process.wait()
    assert helper.parse(path, tmp_path / "spill").networks


def test_what_takes_too_long_is_ended(tmp_path):
    helper = Helper(seconds=0.2)
    (tmp_path / "x.pkl").write_bytes(b"\x80\x02" + b"(lp0\n0" * 2_000_000 + b"N.")
    with pytest.raises(UnreadableError, match="too long"):
        helper.parse(tmp_path / "x.pkl", tmp_path / "spill")
    assert helper._process is None
    helper.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are the system's")
def test_memory_is_limited_while_a_file_is_read(tmp_path, helper):
    """The process has its limit while it reads; this file makes it hold a million lists."""
    with zipfile.ZipFile(tmp_path / "x.pt", "w") as archive:
        archive.writestr("a/data.pkl", b"\x80\x02]" + b"(" * 900_000 + b"l" * 900_000 + b"a" + b".")
    assert limits.HELPER_MEMORY < 2 * 2**30
    with contextlib.suppress(UnreadableError):
        helper.parse(tmp_path / "x.pt", tmp_path / "spill")
    with open(f"/proc/{helper._ready().pid}/limits") as file:
        (line,) = (line for line in file if line.startswith("Max address space"))
    assert int(line.split()[3]) <= limits.HELPER_MEMORY + (tmp_path / "x.pt").stat().st_size


def test_bytes_inside_pickles_are_handed_over_in_a_file(tmp_path, helper):
    import numpy as np

    from gan.importers.arrays import Arrays

    value = np.arange(5000, dtype=np.float32)
    (tmp_path / "x.pkl").write_bytes(pickle.dumps({"w": value}))
    parsed = helper.parse(tmp_path / "x.pkl", tmp_path / "spill")
    with Arrays(tmp_path / "x.pkl", parsed) as arrays:
        assert np.array_equal(arrays.get(parsed.networks[0].tensors["w"]), value)


def test_warming_up_twice_is_harmless():
    warm_up()
    warm_up()
