"""Files made to run code: in every container nothing runs, and there is a sentence."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan.errors import UserError
from gan.importers.opening import open_foreign


class Bomb:
    """Makes the canary when a real unpickler reads it."""

    def __init__(self, canary: Path, how: str = "os.system") -> None:
        self.canary, self.how = canary, how

    def __reduce__(self):
        command = f"touch {self.canary}"
        python = f"open({str(self.canary)!r}, 'w')"
        if self.how == "os.system":
            return os.system, (command,)
        if self.how == "eval":
            return eval, (python,)
        if self.how == "exec":
            return exec, (python,)
        return open, (str(self.canary), "w")


def by_hand(canary: Path) -> dict[str, bytes]:
    """Pickles that no Pickler writes."""
    touch, path = f"touch {canary}".encode(), str(canary).encode()
    code = b"open(" + repr(str(canary)).encode() + b",'w')"
    short = lambda text: b"\x8c" + bytes([len(text)]) + text  # noqa: E731
    return {
        "global posix": b"cposix\nsystem\n(S'" + touch + b"'\ntR.",
        "stack global": b"\x80\x04" + short(b"os") + short(b"system") + b"\x93" + short(touch) + b"\x85R.",
        "inst": b"(S'" + touch + b"'\nios\nsystem\n.",
        "obj": b"(cos\nsystem\nS'" + touch + b"'\no.",
        "newobj": b"\x80\x02cbuiltins\neval\n(V" + code + b"\nt\x81.",
        "newobj_ex": b"\x80\x04" + short(b"builtins") + short(b"eval") + b"\x93" + short(code) + b"\x85}\x92.",
        "python 2 builtin": b"c__builtin__\neval\n(S" + repr(code.decode()).encode() + b"\ntR.",
        "getattr chain": b"c__builtin__\ngetattr\n(c__builtin__\n__import__\n(S'os'\ntRS'system'\ntR(S'"
        + touch
        + b"'\ntR.",
        "dotted name": b"\x80\x04" + short(b"torch") + short(b"os.system") + b"\x93" + short(touch) + b"\x85R.",
        "numpy alias": b"cnumpy.testing._private.utils\nrunstring\n(S" + repr(code.decode()).encode() + b"\n}tR.",
        "torch alias": b"ctorch.serialization\nos\n(tR.",
        "build setstate": b"cos\nsystem\n)\x81S'" + touch + b"'\nb.",
        "build on function": b"ctorch._utils\n_rebuild_tensor_v2\n}S'__code__'\nNsb.",
        "reduce of builder": b"ccollections\nOrderedDict\n((lp0\n(S'a'\ncos\nsystem\n(S'" + touch + b"'\ntRtatR.",
        "memo swap": b"cos\nsystem\np0\n0ctorch._utils\n_rebuild_tensor_v2\np0\n0g0\n(S'" + touch + b"'\ntR.",
        "file": b"cbuiltins\nopen\n(S'" + path + b"'\nS'w'\ntR.",
        "pathlib": b"cpathlib\nPath.touch\n(cpathlib\nPosixPath\n(S'" + path + b"'\ntRtR.",
        "partial": b"cfunctools\npartial\n(cos\nsystem\nS'" + touch + b"'\ntR(tR.",
        "map": b"cbuiltins\nlist\n(cbuiltins\nmap\n(cos\nsystem\n(lp1\nS'" + touch + b"'\natRtR.",
        "load_from_bytes": b"ctorch.storage\n_load_from_bytes\n(cos\nsystem\n(S'" + touch + b"'\ntRtR.",
        "from type": b"ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nc__main__\nX\n(S'" + touch + b"'\nt}tR.",
        "unbounded extension": b"\x82\x01.",
        "persistent id": b"(cos\nsystem\n(S'" + touch + b"'\ntRtQ.",
    }


def wrapped(pickled: bytes) -> dict[str, bytes]:
    """One pickle in every container that has one."""
    files = {}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/version", "3\n")
    files["zip"] = buffer.getvalue()
    script = io.BytesIO()
    with zipfile.ZipFile(script, "w") as archive:
        archive.writestr("m/data.pkl", pickled)
        archive.writestr("m/constants.pkl", pickled)
        archive.writestr("m/code/__torch__.py", "import os\nos.system('touch canary')\n")
    files["torchscript"] = script.getvalue()
    head = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    files["legacy"] = head + pickled + pickle.dumps([], 2)
    files["pickle"] = pickled if pickled[:1] == b"\x80" else b"\x80\x02" + pickled
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        member = tarfile.TarInfo("x.pth")
        member.size = len(files["zip"])
        archive.addfile(member, io.BytesIO(files["zip"]))
    files["tar"] = tarred.getvalue()
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("x.pt", files["legacy"])
    files["zip in zip"] = nested.getvalue()
    exported = io.BytesIO()
    with zipfile.ZipFile(exported, "w") as archive:
        archive.writestr("x/models/model.json", "{}")
        archive.writestr("x/data/constants/opaque", pickled)
    files["pt2"] = exported.getvalue()
    return files


@pytest.mark.parametrize("container", ["zip", "torchscript", "legacy", "pickle", "tar", "zip in zip", "pt2"])
@pytest.mark.parametrize("name", by_hand(Path("x")))
def test_no_pickle_runs_anything(tmp_path, canary, container, name):
    path = tmp_path / "x.pt"
    path.write_bytes(wrapped(by_hand(canary)[name])[container])
    with pytest.raises(UserError) as caught:
        open_foreign(path)
    assert caught.value.text and "\n" not in str(caught.value)


@pytest.mark.parametrize("how", ["os.system", "eval", "exec", "open"])
@pytest.mark.parametrize("legacy", [False, True])
def test_a_bomb_beside_good_weights_is_told_and_the_weights_are_drawn(tmp_path, canary, generator, how, legacy):
    path = tmp_path / "x.pt"
    torch.save(
        {"netG": generator.state_dict(), "note": Bomb(canary, how)}, path, _use_new_zipfile_serialization=not legacy
    )
    opened = open_foreign(path)
    assert any("would run" in warning for warning in opened.info.warnings)


def test_the_bombs_would_go_off(tmp_path):
    """What the tests above rely on."""
    pickle.loads(pickle.dumps(Bomb(tmp_path / "gone")))
    assert (tmp_path / "gone").exists()
    pickle.loads(by_hand(tmp_path / "off")["stack global"])
    assert (tmp_path / "off").exists()


def test_a_bomb_instead_of_a_weight(tmp_path, canary, generator):
    state = dict(generator.state_dict())
    state["main.0.weight"] = Bomb(canary)
    torch.save(state, tmp_path / "x.pt")
    with pytest.raises(UserError):
        open_foreign(tmp_path / "x.pt")


def test_a_bomb_as_a_key_or_inside_a_module(tmp_path, canary, generator):
    network = nn.Sequential(nn.Linear(2, 2))
    network.bomb = Bomb(canary)
    for value in (network, [Bomb(canary)], Bomb(canary)):
        torch.save(value, tmp_path / "x.pt")
        with pytest.raises(UserError):
            open_foreign(tmp_path / "x.pt")
    torch.save({Bomb(canary): generator.state_dict()}, tmp_path / "x.pt")
    assert any("would run" in warning for warning in open_foreign(tmp_path / "x.pt").info.warnings)


def test_an_exported_program_with_a_payload(tmp_path, canary):
    with zipfile.ZipFile(tmp_path / "x.pt2", "w") as archive:
        archive.writestr("serialized_exported_program.json", json.dumps({"x": 1}))
        archive.writestr("serialized_state_dict.pt", pickle.dumps(Bomb(canary)))
        archive.writestr("serialized_constants.pt", pickle.dumps(Bomb(canary)))
    with pytest.raises(UserError, match="exported program"):
        open_foreign(tmp_path / "x.pt2")


def test_object_arrays(tmp_path, canary):
    array = np.array([Bomb(canary)], object)
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    np.savez(tmp_path / "x.npz", w=array, allow_pickle=True)
    torch.save({"w": torch.ones(1), "o": array}, tmp_path / "x.pt")
    for name in ("x.npy", "x.npz", "x.pt"):
        with pytest.raises(UserError):
            open_foreign(tmp_path / name)


@pytest.mark.parametrize("stored", [True, False])
def test_a_native_file_that_says_it_is_imported(tmp_path, stored):
    """The header of our own format chooses the architecture; it must not choose an impossible one."""
    from safetensors.torch import save_file

    layers = [{"op": "linear", "name": "forward", "in": 4, "out": 10**9, "bias": True}]
    for architecture in (
        {"kind": "chain", "layers": layers},
        {"kind": "chain", "layers": [{"op": "__import__"}]},
        {"kind": "chain", "layers": [{"op": "upsample", "scale": 10**9}]},
        {"kind": "chain", "layers": 7},
        {"kind": "mimicry", "widths": [10**12, 1], "bottom": 4, "channels": 3, "activation": "system"},
        {"kind": "mimicry", "widths": [4, 4], "bottom": 4, "channels": 3, "activation": "load"},
        {"kind": "onnx", "channels": 3, "image_size": 8},
        {"kind": []},
        {},
    ):
        config = {
            "image_size": 8,
            "z_dim": 4,
            "channels": 3,
            "width": 1,
            "architecture": architecture if stored else json.dumps(architecture),
        }
        about = {"format": 1, "family": "imported:dcgan", "config": config, "step": 0}
        save_file({"generator.x": torch.ones(4)}, tmp_path / "x.safetensors", {"latent_debugger": json.dumps(about)})
        from gan.checkpoints import load_checkpoint

        with pytest.raises(UserError):
            load_checkpoint(tmp_path / "x.safetensors")


def test_a_header_that_is_larger_than_the_file(tmp_path):
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", 2**62) + b"{}" * 50)
    with pytest.raises(UserError):
        open_foreign(tmp_path / "x.safetensors")
