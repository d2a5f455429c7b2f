from __future__ import annotations

import argparse
import io
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from gan.importers import limits
from gan.importers.arrays import Arrays
from gan.importers.helper import parse_file
from gan.importers.limits import UnreadableError
from gan.importers.parsed import Parsed, from_json


def parse(path: Path) -> Parsed:
    """In this process."""
    spill = path.with_name("spill")
    return from_json(parse_file(path, spill), path.stat().st_size, spill)


def tensors(path: Path) -> dict[str, np.ndarray]:
    """All tensors of the first network."""
    parsed = parse(path)
    with Arrays(path, parsed) as arrays:
        return {name: arrays.get(tensor) for name, tensor in parsed.networks[0].tensors.items()}


def some(dtype: torch.dtype) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(3, 4, 5).mul(50).to(dtype)


DTYPES = [
    torch.float32,
    torch.float64,
    torch.float16,
    torch.bfloat16,
    torch.int64,
    torch.int32,
    torch.uint8,
    torch.bool,
]
WRITERS = {
    "zip": lambda value, path: torch.save(value, path),
    "legacy": lambda value, path: torch.save(value, path, _use_new_zipfile_serialization=False),
    "protocol 4": lambda value, path: torch.save(value, path, pickle_protocol=4),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_number_format_bit_for_bit(tmp_path, writer, dtype):
    value = some(dtype)
    WRITERS[writer]({"x": value, "y": value[1, 2]}, tmp_path / "x.pt")
    found = tensors(tmp_path / "x.pt")
    wanted = value.float() if value.is_floating_point() else value
    assert np.array_equal(found["x"], wanted.numpy()) and np.array_equal(found["y"], wanted[1, 2].numpy())


@pytest.mark.parametrize("writer", WRITERS)
def test_views_strides_and_shared_storages(tmp_path, writer):
    base = torch.arange(60.0).reshape(3, 4, 5)
    value = {
        "transposed": base.permute(2, 0, 1),
        "part": base[1:, ::2, 1:3],
        "last": base.to(memory_format=torch.contiguous_format)[2],
        "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "expanded": torch.tensor([1.0, 2.0]).expand(3, 2),
        "scalar": torch.tensor(3.5),
        "empty": torch.zeros(0, 4),
        "parameter": nn.Parameter(base + 1),
        "frozen": nn.Parameter(base + 2, requires_grad=False),
    }
    WRITERS[writer](value, tmp_path / "x.pt")
    found = tensors(tmp_path / "x.pt")
    assert list(found) == list(value)
    for name, wanted in value.items():
        assert np.array_equal(found[name], wanted.detach().numpy()), name


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_safetensors_bit_for_bit(tmp_path, dtype):
    value = {f"layer.{i}": some(dtype) + i for i in (0, 2, 10)}
    save_file(value, tmp_path / "x.safetensors")
    found = tensors(tmp_path / "x.safetensors")
    assert all(np.array_equal(found[name], item.float().numpy()) for name, item in value.items())


def test_numpy_arrays_and_numbers_in_a_checkpoint(tmp_path):
    arrays = {
        "c": np.arange(6.0).reshape(2, 3),
        "f": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "big": np.arange(4, dtype=">f4"),
    }
    torch.save(
        {"g": {**arrays, "o": np.array([None, 1])}, "loss": np.float64(1.5), "n": np.int64(7)}, tmp_path / "x.pt"
    )
    found = tensors(tmp_path / "x.pt")
    assert set(found) == set(arrays)
    assert all(np.array_equal(found[name], value) for name, value in arrays.items())
    assert parse(tmp_path / "x.pt").notes == {"loss": 1.5, "n": 7}


@pytest.mark.parametrize("protocol", range(6))
def test_a_plain_pickle_of_arrays(tmp_path, protocol):
    value = {"weight": np.arange(6, dtype=np.float32).reshape(2, 3)}
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(value, protocol))
    if protocol < 2:  # nothing tells such a file from any text
        with pytest.raises(UnreadableError):
            parse(tmp_path / "x.pkl")
    else:
        assert np.array_equal(tensors(tmp_path / "x.pkl")["weight"], value["weight"])


def test_a_plain_pickle_of_tensors(tmp_path):
    value = {"weight": torch.arange(6.0).reshape(2, 3), "half": torch.ones(2).half()}
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(value))
    assert np.array_equal(tensors(tmp_path / "x.pkl")["weight"], value["weight"].numpy())


class Custom(nn.Module):
    """A class that nobody else has."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.ConvTranspose2d(3, 4, 4, 2, 1), nn.BatchNorm2d(4, eps=0.25), nn.LeakyReLU(0.1))
        self.register_buffer("extra", torch.arange(3.0))


@pytest.mark.parametrize("writer", ["zip", "legacy"])
def test_a_whole_module_tells_its_weights_and_settings(tmp_path, writer):
    module = Custom()
    WRITERS[writer](module, tmp_path / "x.pt")
    parsed = parse(tmp_path / "x.pt")
    (network,) = parsed.networks
    assert set(network.tensors) == set(module.state_dict())
    with Arrays(tmp_path / "x.pt", parsed) as arrays:
        for name, wanted in module.state_dict().items():
            assert np.array_equal(arrays.get(network.tensors[name]), wanted.numpy())
    assert network.modules["body.0"].facts["stride"] == [2, 2] and network.modules["body.1"].facts["eps"] == 0.25
    assert (
        network.modules["body.2"].kind.endswith("LeakyReLU")
        and network.modules["body.2"].facts["negative_slope"] == 0.1
    )
    assert any(name.endswith("Custom") for name in parsed.stubs)


def test_torchscript_is_read_as_data(tmp_path):
    module = nn.Sequential(nn.Linear(2, 3), nn.ReLU()).eval()
    with pytest.warns(DeprecationWarning):  # torch.jit itself
        torch.jit.trace(module, torch.zeros(1, 2)).save(str(tmp_path / "x.pt"))
    parsed = parse(tmp_path / "x.pt")
    assert parsed.container == "torchscript"
    assert np.array_equal(tensors(tmp_path / "x.pt")["0.weight"], module[0].weight.detach().numpy())


def test_what_a_training_script_saves_beside_the_weights(tmp_path):
    torch.save(
        {
            "args": argparse.Namespace(lr=1),
            "epoch": 3,
            "netG": {"w": torch.ones(2)},
            "optimizer": {"state": {0: {"m": torch.ones(2)}}},
        },
        tmp_path / "x.pt",
    )
    parsed = parse(tmp_path / "x.pt")
    assert [network.path for network in parsed.networks] == [("netG",)]  # an optimiser's moments are no network
    assert parsed.notes["epoch"] == 3 and parsed.notes["args.lr"] == 1 and "argparse.Namespace" in parsed.stubs


def test_a_big_endian_file(tmp_path):
    value = torch.arange(6.0).reshape(2, 3)
    torch.save({"w": value}, tmp_path / "x.pt")
    with zipfile.ZipFile(tmp_path / "x.pt") as old, zipfile.ZipFile(tmp_path / "y.pt", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("byteorder"):
                data = b"big"
            elif "/data/" in name:
                data = np.frombuffer(data, "<f4").astype(">f4").tobytes()
            new.writestr(name, data)
    assert np.array_equal(tensors(tmp_path / "y.pt")["w"], value.numpy())


def test_a_checkpoint_inside_a_tar_or_a_zip(tmp_path):
    torch.save({"w": torch.arange(6.0)}, tmp_path / "netG.pth")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(tmp_path / "netG.pth", "run/netG.pth")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(tmp_path / "netG.pth", "run/netG.pth")
    for name in ("x.tar", "x.zip"):
        assert np.array_equal(tensors(tmp_path / name)["w"], np.arange(6.0))


def test_a_compressed_checkpoint(tmp_path):
    torch.save({"w": torch.randn(400)}, tmp_path / "x.pt")
    with (
        zipfile.ZipFile(tmp_path / "x.pt") as old,
        zipfile.ZipFile(tmp_path / "y.pt", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert np.array_equal(tensors(tmp_path / "y.pt")["w"], tensors(tmp_path / "x.pt")["w"])


def test_a_flipped_bit_among_the_weights_is_counted(tmp_path):
    torch.save({"w": torch.ones(400)}, tmp_path / "x.pt")
    data = bytearray((tmp_path / "x.pt").read_bytes())
    data[data.index(struct.pack("<f", 1.0) * 8) + 100] ^= 1
    (tmp_path / "x.pt").write_bytes(data)
    parsed = parse(tmp_path / "x.pt")
    with Arrays(tmp_path / "x.pt", parsed) as arrays:
        arrays.get(parsed.networks[0].tensors["w"])
        assert arrays.damaged == 1


# what must be refused


def rewritten(path: Path, change) -> Path:
    """A torch file whose data.pkl went through ``change``."""
    out = path.with_name("changed.pt")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name.endswith("data.pkl") else old.read(name))
    return out


def rebuilt(size, stride, offset=0, numel=4):
    """data.pkl of one tensor with these numbers."""

    class Ref:
        def __reduce__(self):
            return torch._utils._rebuild_tensor_v2, (Storage(), offset, size, stride, False, {})

    class Storage:
        pass

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return ("storage", torch.FloatStorage, "0", "cpu", numel) if isinstance(value, Storage) else None

    buffer = io.BytesIO()
    Pickler(buffer, 2).dump({"w": Ref()})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("size", "stride", "offset", "numel"),
    [
        ((100_000, 100_000), (0, 0), 0, 4),
        ((10**10,), (0,), 0, 4),
        ((5,), (1,), 0, 4),
        ((4,), (1,), 1, 4),
        ((2, 2), (4, 1), 0, 4),
        ((4,), (1,), 0, 400),
        ((-1,), (1,), 0, 4),
        ((4,), (-1,), 3, 4),
        ((2,), (1, 1), 0, 4),
        ((2**60,), (2**60,), 0, 4),
        ((1,) * 40, (1,) * 40, 0, 4),
        ((True,), (1,), 0, 4),
        ((4.0,), (1,), 0, 4),
        ((4,), (1,), 0, -1),
        ((4,), (1,), 0, 2**63),
    ],
)
def test_tensors_that_claim_more_than_there_is(tmp_path, size, stride, offset, numel):
    torch.save({"w": torch.ones(4)}, tmp_path / "x.pt")
    path = rewritten(tmp_path / "x.pt", lambda _: rebuilt(size, stride, offset, numel))
    with pytest.raises(UnreadableError):
        parse(path)


def test_the_harness_of_the_test_above_makes_good_files_too(tmp_path):
    torch.save({"w": torch.arange(4.0)}, tmp_path / "x.pt")
    path = rewritten(tmp_path / "x.pt", lambda _: rebuilt((2, 2), (1, 2)))
    assert np.array_equal(tensors(path)["w"], [[0, 2], [1, 3]])


@pytest.mark.filterwarnings("ignore:Sparse")
@pytest.mark.parametrize(
    "make",
    [lambda: torch.eye(3).to_sparse(), lambda: torch.eye(3).to_sparse_csr(), lambda: torch.empty(3, device="meta")],
)
def test_layouts_without_plain_numbers(tmp_path, make):
    torch.save({"w": make()}, tmp_path / "x.pt")
    with pytest.raises(UnreadableError):
        parse(tmp_path / "x.pt")


def test_a_zip_bomb(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", rebuilt((4,), (1,), 0, 2**25))
        archive.writestr("archive/data/0", bytes(128 * 2**20))
    assert (tmp_path / "x.pt").stat().st_size < 2**20
    with pytest.raises(UnreadableError, match="unpack to"):
        parse(tmp_path / "x.pt")


def test_archives_in_archives_in_archives(tmp_path):
    torch.save({"w": torch.ones(2)}, tmp_path / "0.pt")
    for level in range(6):
        with zipfile.ZipFile(tmp_path / f"{level + 1}.pt", "w") as archive:
            archive.write(tmp_path / f"{level}.pt", "inner.pt")
    assert parse(tmp_path / "2.pt").networks
    with pytest.raises(UnreadableError, match="inside archives"):
        parse(tmp_path / "6.pt")


def test_a_pickle_that_holds_itself_again_and_again(tmp_path):
    data = pickle.dumps({"w": torch.ones(2)})
    for _ in range(6):
        data = b"\x80\x02ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(data)) + data + b"\x85R."
    (tmp_path / "x.pkl").write_bytes(data)
    with pytest.raises(UnreadableError):
        parse(tmp_path / "x.pkl")


def safetensors(header: bytes, rest: bytes = bytes(16)) -> bytes:
    return struct.pack("<Q", len(header)) + header + rest


@pytest.mark.parametrize(
    "header",
    [
        b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,17]}}',
        b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}}',
        b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}',
        b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}}',
        b'{"w":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}',
        b'{"w":{"dtype":"F32","shape":[99999999999,99999999999],"data_offsets":[0,16]}}',
        b'{"w":{"dtype":"F32","shape":["4"],"data_offsets":[0,16]}}',
        b'{"w":{"dtype":"F32","shape":4,"data_offsets":[0,16]}}',
        b'{"w":{"dtype":"X","shape":[4],"data_offsets":[0,16]}}',
        b'{"w":{"dtype":["F32"],"shape":[4],"data_offsets":[0,16]}}',
        b'{"w":{"dtype":"F32","shape":[4]}}',
        b'{"w":null}',
        b'{"w":[]}',
        b"{" + b'"a":{' * 50_000,
        b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
        b"{}x",
        b'{"w":{"dtype":"F32","shape":[' + b"1," * 5000 + b'4],"data_offsets":[0,16]}}',
    ],
)
def test_hostile_safetensors_headers(tmp_path, header):
    (tmp_path / "x.safetensors").write_bytes(safetensors(header))
    with pytest.raises(UnreadableError):
        parse(tmp_path / "x.safetensors")


def test_a_header_length_beyond_the_file(tmp_path):
    for length in (2**63, 2**40, 1000):
        (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", length) + b'{"w":1}' + bytes(20))
        with pytest.raises(UnreadableError):
            parse(tmp_path / "x.safetensors")


def test_object_arrays_are_not_read(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}, None], object), allow_pickle=True)
    with pytest.raises(UnreadableError, match="numpy array"):
        parse(tmp_path / "x.npy")


@pytest.mark.parametrize(
    "data", [b"", b"x", b"PK", b"PK\x05\x06" + bytes(18), b"\x89HDF\r\n", b"\x80\x02", b"\x08\x07\x12\x00", bytes(600)]
)
def test_what_is_no_checkpoint_is_named(tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(UnreadableError):
        parse(tmp_path / "x")


@pytest.mark.parametrize("writer", ["zip", "legacy", "safetensors", "tar"])
def test_cut_off_anywhere(tmp_path, writer):
    path = tmp_path / "x.pt"
    if writer == "safetensors":
        save_file({"w": torch.ones(40)}, path)
    elif writer == "tar":
        torch.save({"w": torch.ones(40)}, tmp_path / "in.pt")
        with tarfile.open(path, "w") as archive:
            archive.add(tmp_path / "in.pt")
    else:
        WRITERS[writer]({"w": torch.ones(40)}, path)
    whole = path.read_bytes()
    end = 512 + (tmp_path / "in.pt").stat().st_size if writer == "tar" else len(whole)
    for length in range(0, end, 37):
        path.write_bytes(whole[:length])
        with pytest.raises(UnreadableError):
            parse(path)


def test_a_directory_that_names_a_file_twice(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.pt", "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a/data.pkl", b"N.")
        archive.writestr("a/data.pkl", b"N.")
    with pytest.raises(UnreadableError, match="twice"):
        parse(tmp_path / "x.pt")


def test_limits_of_names_and_depth(tmp_path):
    torch.save({"x" * (limits.MAX_NAME + 1): torch.ones(1)}, tmp_path / "x.pt")
    with pytest.raises(UnreadableError, match="names"):
        parse(tmp_path / "x.pt")
    value: dict = {"w": torch.ones(1)}
    for _ in range(limits.MAX_DEPTH + 2):
        value = {"a": value}
    torch.save(value, tmp_path / "x.pt")
    with pytest.raises(UnreadableError, match="deep"):
        parse(tmp_path / "x.pt")
