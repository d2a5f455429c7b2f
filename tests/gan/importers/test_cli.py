"""Other projects' files through ``python -m gan info | sample | convert``."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from gan.latent.draws import draw

from ..cli.conftest import gan  # noqa: F401
from .conftest import Main, dcgan, lively, spatial
from .projects import GanZoo, Under


@pytest.fixture
def path(tmp_path, generator):
    torch.save({"epoch": 3, "netG": generator.state_dict()}, tmp_path / "netG.pth")
    return tmp_path / "netG.pth"


@pytest.fixture
def z(tmp_path):
    np.save(tmp_path / "z.npy", draw(3, 6, 0))
    return tmp_path / "z.npy"


def test_info(gan, path):  # noqa: F811
    about = json.loads(gan("info", path, "--json").out)
    assert about["family"] == "imported:dcgan" and about["source"] == "DCGAN (pytorch/examples)"
    assert about["config"]["z_dim"] == 6 and about["step"] == 0 and about["run"] is None and about["warnings"] == []
    assert "imported:dcgan" in gan("info", path).out


def test_warnings_are_told(gan, tmp_path, generator):  # noqa: F811
    torch.save(generator, tmp_path / "x.pt")
    (warning,) = json.loads(gan("info", tmp_path / "x.pt", "--json").out)["warnings"]
    assert "Main" in warning


def test_sample_raw(gan, path, z, tmp_path, truth):  # noqa: F811
    assert gan("sample", path, "--z", z, "--raw", "--out", tmp_path / "o.npy").status == 0
    assert np.abs(np.load(tmp_path / "o.npy") - truth).max() < 1e-5


def test_raw_pictures_are_one_batch_where_the_project_makes_them_so(gan, tmp_path):  # noqa: F811
    network = lively(GanZoo(), lambda n: torch.randn(n, 5)).train()
    torch.save({"avgG": network.state_dict()}, tmp_path / "x.pth")
    np.save(tmp_path / "z.npy", draw(8, 5, 0))
    with torch.no_grad():
        wanted = network(torch.from_numpy(draw(8, 5, 0))).numpy()
    assert (
        gan("sample", tmp_path / "x.pth", "--z", tmp_path / "z.npy", "--raw", "--out", tmp_path / "o.npy").status == 0
    )
    assert np.abs(np.load(tmp_path / "o.npy") - wanted).max() < 1e-5


def test_pictures(gan, path, tmp_path):  # noqa: F811
    assert gan("sample", path, "--n", 1, "--out", tmp_path / "o.png").status == 0
    with Image.open(tmp_path / "o.png") as image:
        assert image.size == (16, 16)
    torch.save(Main(lively(dcgan(channels=4), spatial(6))).state_dict(), tmp_path / "rgba.pth")
    assert gan("sample", tmp_path / "rgba.pth", "--n", 4, "--out", tmp_path / "sheet.png").status == 0
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.mode == "RGBA"
    assert gan("sample", tmp_path / "rgba.pth", "--n", 4, "--out", tmp_path / "o.npy").status == 0
    assert np.load(tmp_path / "o.npy").shape == (4, 16, 16, 4)


def test_convert(gan, path, z, tmp_path, truth):  # noqa: F811
    assert gan("convert", path, "--out", tmp_path / "ours.safetensors").status == 0
    assert gan("sample", tmp_path / "ours.safetensors", "--z", z, "--raw", "--out", tmp_path / "o.npy").status == 0
    assert np.abs(np.load(tmp_path / "o.npy") - truth).max() < 1e-6
    assert json.loads(gan("info", tmp_path / "ours.safetensors", "--json").out)["family"] == "imported:dcgan"
    assert gan("convert", path, "--half", "--out", tmp_path / "half.safetensors").status == 0
    assert gan("sample", tmp_path / "half.safetensors", "--z", z, "--raw", "--out", tmp_path / "h.npy").status == 0
    assert np.abs(np.load(tmp_path / "h.npy") - truth).max() < 0.1


def test_a_choice_is_asked_for_and_taken(gan, tmp_path, generator, z, truth):  # noqa: F811
    torch.save(Under("painter", generator.main).state_dict(), tmp_path / "x.pth")
    for words in (("info",), ("sample", "--out", tmp_path / "o.npy"), ("convert", "--out", tmp_path / "o.safetensors")):
        assert "--activation tanh|sigmoid|none" in gan(words[0], tmp_path / "x.pth", *words[1:]).refusal
        assert gan(words[0], tmp_path / "x.pth", *words[1:], "--activation", "tanh").status == 0
    words = ("sample", tmp_path / "x.pth", "--z", z, "--raw", "--out", tmp_path / "r.npy")
    assert gan(*words, "--activation", "none", "--output-range", "-1..1", "--batch-stats", "running").status == 0
    assert np.abs(np.tanh(np.load(tmp_path / "r.npy")) - truth).max() < 1e-5
    assert "activation" in gan(*words, "--activation", "relu").refusal


def test_refusals_are_one_line(gan, tmp_path):  # noqa: F811
    torch.save({"fc.weight": torch.ones(3136, 32), "c\x1b[31m.weight": torch.ones(1, 8, 3, 3)}, tmp_path / "x.pth")
    told = gan("sample", tmp_path / "x.pth", "--out", tmp_path / "o.png").refusal
    assert "may be a generator" in told and "\x1b" not in told
    (tmp_path / "y.pth").write_bytes(b"hello")
    assert "no checkpoint" in gan("info", tmp_path / "y.pth").refusal
