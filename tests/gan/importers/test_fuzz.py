"""Damaged files by the thousand: every one is parsed, or refused with a sentence, quickly and in little memory."""

from __future__ import annotations

import io
import pickle
import random
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from gan.errors import UserError
from gan.importers.parsed import from_json, parse

from ..cli.conftest import gan  # noqa: F401

INTERESTING = [0, 1, 0x7F, 0x80, 0xFF, *b".(]}tluebRcioPQ\x80\x81\x85\x8a\x8c\x93\x94\x95hjJKMXBC"]
SECONDS = 5


def seeds() -> dict[str, bytes]:
    """One small file of every kind."""
    state = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).state_dict()
    more = {"epoch": 3, "loss": np.float64(1.5), "netG": state, "log": [1.5, None, (1, "x")]}
    files = {}
    for name, options in {"zip": {}, "legacy": {"_use_new_zipfile_serialization": False}}.items():
        for kind, value in {"state": state, "dict": more, "module": nn.Linear(2, 2)}.items():
            buffer = io.BytesIO()
            torch.save(value, buffer, **options)
            files[f"{name} {kind}"] = buffer.getvalue()
    files["safetensors"] = save(dict(state))
    files["pickle"] = pickle.dumps({"w": np.arange(4.0), "t": torch.ones(2)}, 4)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("x.pth")
        member.size = len(files["zip state"])
        archive.addfile(member, io.BytesIO(files["zip state"]))
    files["tar"] = buffer.getvalue()
    files["onnx"] = onnx_bytes()
    return files


def onnx_bytes() -> bytes:
    from onnx import TensorProto, helper

    given, answer = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 4]) for n in "ab")
    weight = helper.make_tensor("w", TensorProto.FLOAT, [4], [1.0, 2.0, 3.0, 4.0])
    graph = helper.make_graph([helper.make_node("Add", ["a", "w"], ["b"])], "g", [given], [answer], [weight])
    return helper.make_model(graph).SerializeToString()


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few changes anywhere."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        if not out:
            break
        at = chance.randrange(len(out))
        kind = chance.randrange(8)
        if kind == 0:
            out[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            out[at] = chance.choice(INTERESTING)
        elif kind == 2:
            out[at : at + chance.randrange(1, 9)] = b""
        elif kind == 3:
            out[at:at] = bytes(chance.choice(INTERESTING) for _ in range(chance.randrange(1, 5)))
        elif kind == 4:
            layout = chance.choice(("<I", "<Q", "<H", ">I"))
            number = struct.pack(layout, chance.choice((0, 1, 255, 65_535, 2 ** (8 * struct.calcsize(layout) - 1) - 1)))
            out[at : at + len(number)] = number
        elif kind == 5:
            out[at:] = b""
        elif kind == 6:
            source = chance.randrange(len(out))
            out[at:at] = out[source : source + chance.randrange(1, 40)]
        else:
            source = chance.randrange(len(out))
            size = chance.randrange(1, 20)
            out[at : at + size] = out[source : source + size]
    return bytes(out)


def inside(data: bytes, chance: random.Random) -> bytes:
    """Changes in the pickle of a zip file, which stays a good archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for item in old.infolist():
            body = old.read(item)
            new.writestr(item.filename, mutated(body, chance) if item.filename.endswith("data.pkl") else body)
    return buffer.getvalue()


def header(data: bytes, chance: random.Random) -> bytes:
    """Changes in the header of a safetensors file, whose length is put right."""
    (length,) = struct.unpack_from("<Q", data)
    changed = mutated(data[8 : 8 + length], chance)
    return struct.pack("<Q", len(changed)) + changed + data[8 + length :]


def attack(count: int, seed: int, tmp_path) -> int:
    """Parse ``count`` damaged files; the number that could still be read."""
    files = seeds()
    ways: list[tuple[Callable, bytes]] = [(mutated, data) for data in files.values()]
    ways += [(inside, data) for name, data in files.items() if name.startswith("zip")] * 3
    ways += [(header, files["safetensors"])]
    readable = 0
    for index in range(count):
        chance = random.Random(f"{seed}/{index}")  # so that a failure can be repeated by its number
        change, data = chance.choice(ways)
        broken = change(data, chance)
        spill, started = io.BytesIO(), time.process_time()
        try:
            text = parse(memoryview(broken), spill)
            (tmp_path / "spill").write_bytes(spill.getvalue())
            from_json(text, len(broken), tmp_path / "spill")
            readable += 1
        except UserError as error:
            assert error.text
        except BaseException as error:
            raise AssertionError(f"seed {seed}, file {index}") from error
        assert time.process_time() - started < SECONDS, f"seed {seed}, file {index}"
    return readable


def test_two_thousand_damaged_files(tmp_path):
    readable = attack(2000, 0, tmp_path)
    assert 100 < readable < 1900  # neither everything nor nothing gets through: the changes reach the parser


@pytest.mark.slow
def test_a_hundred_thousand_damaged_files(tmp_path):
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    attack(100_000, 1, tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 512 * 1024  # KiB


@pytest.mark.parametrize("count", [12, pytest.param(300, marks=pytest.mark.slow)])
def test_damaged_files_through_the_whole_command(gan, tmp_path, count):  # noqa: F811
    """Parsing process, recognition, network and pictures: status 0, or 2 and one line."""
    files = {**seeds(), "real": real(), "generator": seeds()["onnx"]}
    drawn = 0
    for index in range(count):
        chance = random.Random(f"cli/{index}")
        name = chance.choice([*files, *["real"] * 8])
        path = tmp_path / f"x{index}.pt"
        path.write_bytes(mutated(files[name], chance))
        started = time.monotonic()
        answer = gan("sample", path, "--n", 2, "--out", tmp_path / "o.npy", "--device", "cpu")
        assert time.monotonic() - started < 60, index  # of a busy machine; alone it is a twentieth of a second
        assert answer.status == 0 or answer.refusal, index
        drawn += answer.status == 0
    assert count < 100 or 0 < drawn < count


def real() -> bytes:
    """A file that opens."""
    network = nn.Sequential(
        nn.ConvTranspose2d(3, 4, 4), nn.BatchNorm2d(4), nn.ReLU(), nn.ConvTranspose2d(4, 3, 4, 2, 1)
    )
    buffer = io.BytesIO()
    torch.save({f"main.{name}": value for name, value in network.state_dict().items()}, buffer)
    return buffer.getvalue()
