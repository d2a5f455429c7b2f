"""``python -m gan convert`` to what other programs read."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def pictures_of(gan, tmp_path):
    def make(file):
        assert gan("sample", file, "--n", 4, "--out", tmp_path / "o.npy").status == 0
        return np.load(tmp_path / "o.npy").astype(int)

    return make


def test_onnx(gan, checkpoint, tmp_path, pictures_of):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    done = gan("convert", checkpoint, "--out", tmp_path / "x.onnx")
    assert (done.status, done.err) == (0, "")
    assert np.abs(pictures_of(tmp_path / "x.onnx") - pictures_of(checkpoint)).max() <= 1
    assert "already" in gan("convert", tmp_path / "x.onnx", "--out", tmp_path / "y.onnx").refusal


def test_pytorch_examples(gan, checkpoint, tmp_path, pictures_of):
    done = gan("convert", checkpoint, "--out", tmp_path / "x.pth", "--layout", "pytorch-examples")
    assert done.status == 0 and "nz 6, ngf 2" in done.out
    assert np.abs(pictures_of(tmp_path / "x.pth") - pictures_of(checkpoint)).max() <= 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["x.pth"], "--layout pytorch-examples"),
        (["x.pth", "--layout", "mine"], "--layout pytorch-examples"),
        (["x.onnx", "--layout", "pytorch-examples"], "--layout"),
        (["x.onnx", "--half"], "--half"),
        (["x.npy"], ".onnx"),
    ],
)
def test_mistakes(gan, checkpoint, tmp_path, words, told):
    assert told in gan("convert", checkpoint, "--out", tmp_path / words[0], *words[1:]).refusal
    assert not (tmp_path / words[0]).exists()
