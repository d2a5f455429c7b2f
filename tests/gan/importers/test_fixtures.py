"""Checkpoints that the projects' own code wrote, and that code's pictures (/work/shared/fixtures, where present)."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from gan.errors import UserError
from gan.importers.opening import open_foreign
from gan.rendering import open_renderer

from .conftest import FIXTURES

MANIFEST = json.loads((FIXTURES / "MANIFEST.json").read_text()) if FIXTURES.is_dir() else {}
LATER = {"lightweight_gan_64": "lightweight-gan", "sg2ada_32": "StyleGAN2", "sg3_stylegan3_t_64": "StyleGAN3"}
REFUSED = {**LATER, "gen_unguessable_custom": "may be a generator"}
DRAWN = [name for name in MANIFEST if name not in REFUSED]

pytestmark = pytest.mark.skipif(not MANIFEST, reason="no fixtures here")


def file_of(name: str):
    (found,) = (item for item in MANIFEST[name]["files"] if not item.endswith(".json"))
    return FIXTURES / name / found


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_pictures(name):
    about, folder = MANIFEST[name], FIXTURES / name
    renderer = open_renderer(file_of(name), "cpu")
    found, wanted = renderer.raw(np.load(folder / "z.npy")), np.load(folder / "out.npy")
    assert found.shape == wanted.shape and found.dtype == np.float32
    assert np.abs(found - wanted).max() <= about["tolerance"]
    config = renderer.info.config
    assert (config.z_dim, config.channels, config.image_size) == (about["nz"], about["nc"], about["size"])


@pytest.mark.parametrize("name", [name for name in DRAWN if (FIXTURES / name / "out_trainmode.npy").exists()])
def test_the_same_pictures_with_the_statistics_of_the_batch(name):
    from gan.importers.choices import Choices

    folder = FIXTURES / name
    renderer = open_renderer(file_of(name), "cpu", Choices(batch_stats="batch"))
    wanted = np.load(folder / "out_trainmode.npy")
    assert np.abs(renderer.raw(np.load(folder / "z.npy")) - wanted).max() <= MANIFEST[name]["tolerance"]


def test_gan_zoo_with_stored_statistics():
    from gan.importers.choices import Choices

    name = "ganzoo_dcgan_64"
    renderer = open_renderer(file_of(name), "cpu", Choices(batch_stats="running"))
    found = renderer.raw(np.load(FIXTURES / name / "z.npy"))
    assert np.abs(found).max() < 0.001  # nearly constant grey, as its NOTES.txt says
    assert any("never seen" in warning for warning in renderer.info.warnings)


@pytest.mark.parametrize("name", [name for name in MANIFEST if name in REFUSED])
def test_what_is_not_drawn_is_named(name):
    with pytest.raises(UserError, match=REFUSED[name]):
        open_foreign(file_of(name))


@pytest.mark.parametrize("name", ["examples_dcgan_ngf16_trained", "ganzoo_dcgan_64"])
def test_the_whole_command(tmp_path, name):
    folder, out = FIXTURES / name, tmp_path / "o.npy"
    words = [sys.executable, "-m", "gan", "sample", file_of(name), "--z", folder / "z.npy", "--raw", "--out", out]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert np.abs(np.load(out) - np.load(folder / "out.npy")).max() <= MANIFEST[name]["tolerance"]


@pytest.mark.parametrize("name", ["examples_dcgan_ngf16_trained", "hf_cryptopunks_24_rgba"])
def test_trained_networks_pass_the_self_check(name):
    assert open_foreign(file_of(name)).info.warnings == ()
