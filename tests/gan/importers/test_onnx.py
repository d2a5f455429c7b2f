from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from gan.errors import UserError  # noqa: E402
from gan.importers.opening import open_foreign  # noqa: E402
from gan.importers.parsed import parse  # noqa: E402
from gan.latent.draws import draw  # noqa: E402
from gan.rendering import open_renderer  # noqa: E402


def export(path, nodes, weights=(), given=("N", 6, 1, 1), answer=("N", 3, 8, 8), **options):
    """An ONNX file by hand: the exporter of torch needs another package."""
    inputs = options.get("inputs") or [helper.make_tensor_value_info("z", TensorProto.FLOAT, list(given))]
    outputs = [helper.make_tensor_value_info("img", TensorProto.FLOAT, list(answer))]
    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights]
    graph = helper.make_graph(nodes, "g", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("other", 1)])
    model.ir_version = 8
    path.write_bytes(model.SerializeToString())
    return path


def generator(path, ending="Tanh", **options):
    torch.manual_seed(0)
    first, last = nn.ConvTranspose2d(6, 4, 4), nn.ConvTranspose2d(4, 3, 4, 2, 1)
    weights = [
        (n, p.detach().numpy())
        for n, p in (("a", first.weight), ("b", first.bias), ("c", last.weight), ("d", last.bias))
    ]
    nodes = [
        helper.make_node("ConvTranspose", ["z", "a", "b"], ["x"]),
        helper.make_node("Relu", ["x"], ["y"]),
        helper.make_node("ConvTranspose", ["y", "c", "d"], ["w"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node(ending, ["w"], ["img"]),
    ]
    export(path, nodes, weights, **options)
    ends = {"Tanh": nn.Tanh(), "Sigmoid": nn.Sigmoid()}
    return nn.Sequential(first, nn.ReLU(), last, ends[ending])


@pytest.mark.parametrize("given", [("N", 6, 1, 1), (1, 6, 1, 1)])
@pytest.mark.parametrize("ending", ["Tanh", "Sigmoid"])
def test_the_same_pictures(tmp_path, given, ending):
    network = generator(tmp_path / "g.onnx", ending, given=given, answer=(given[0], 3, 8, 8))
    renderer = open_renderer(tmp_path / "g.onnx", "cpu")
    latents = draw(3, 6, 0)
    with torch.no_grad():
        wanted = network(torch.from_numpy(latents)[:, :, None, None]).numpy()
    assert np.abs(renderer.raw(latents) - wanted).max() < 1e-5
    config = renderer.info.config
    assert (config.family, config.z_dim, config.image_size, config.channels) == ("imported:onnx", 6, 8, 3)
    assert config.output_range == ("0..1" if ending == "Sigmoid" else "-1..1")


def test_what_is_read_without_onnx(tmp_path):
    import io
    import json

    generator(tmp_path / "g.onnx")
    graph = json.loads(parse(memoryview((tmp_path / "g.onnx").read_bytes()), io.BytesIO()))["graph"]
    assert graph["operators"] == ["ConvTranspose", "Relu", "Tanh"] and graph["initializers"] == ["a", "b", "c", "d"]
    assert graph["inputs"] == [{"name": "z", "kind": 1, "shape": [0, 6, 1, 1]}]


def refused(path, match):
    with pytest.raises(UserError, match=match):
        open_foreign(path)


def test_other_networks(tmp_path):
    relu = [helper.make_node("Relu", ["z"], ["img"])]
    refused(export(tmp_path / "a.onnx", relu, given=(1, 3, 8, 8)), "take latents")
    refused(export(tmp_path / "b.onnx", relu, given=(1, 6, 1, 1), answer=(1, 6, 1, 1)), "square picture")
    two = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 6]) for n in "zy"]
    refused(export(tmp_path / "c.onnx", [helper.make_node("Add", ["z", "y"], ["img"])], inputs=two), "2 inputs")
    whole = [helper.make_tensor_value_info("z", TensorProto.INT64, [1, 6])]
    refused(export(tmp_path / "d.onnx", relu, inputs=whole), "float32")


def test_operators_that_no_generator_needs(tmp_path):
    for node in (
        helper.make_node("Magic", ["z"], ["img"], domain="other"),
        helper.make_node("RandomNormalLike", ["z"], ["img"]),
        helper.make_node("NonMaxSuppression", ["z"], ["img"]),
    ):
        refused(export(tmp_path / "x.onnx", [node]), "is not run")


def test_loops_and_branches(tmp_path):
    inner = helper.make_graph(
        [helper.make_node("Identity", ["z"], ["o"])], "i", [], [helper.make_tensor_value_info("o", 1, None)]
    )
    node = helper.make_node("If", ["c"], ["img"], then_branch=inner, else_branch=inner)
    refused(export(tmp_path / "x.onnx", [node], [("c", np.array(True))]), "loops or branches")


def test_weights_in_other_files(tmp_path):
    generator(tmp_path / "g.onnx")
    model = onnx.load(tmp_path / "g.onnx")
    onnx.save(model, tmp_path / "h.onnx", save_as_external_data=True, size_threshold=0, location="w.bin")
    refused(tmp_path / "h.onnx", "other files")


def test_a_picture_that_would_need_all_the_memory(tmp_path):
    weights = [("s", np.array([1, 1, 60_000, 60_000], np.float32))]
    node = helper.make_node("Resize", ["z", "", "s"], ["img"], mode="nearest")
    refused(
        export(tmp_path / "x.onnx", [node], weights, answer=("N", 6, "H", "W")), "reasonable time and memory|square"
    )


def test_choices_that_the_file_has_made(tmp_path):
    from gan.importers.choices import Choices

    generator(tmp_path / "g.onnx")
    with pytest.raises(UserError, match="cannot be chosen"):
        open_foreign(tmp_path / "g.onnx", Choices(activation="none"))
    assert open_foreign(tmp_path / "g.onnx", Choices(output_range="0..1")).info.config.output_range == "0..1"


def test_a_damaged_file(tmp_path):
    generator(tmp_path / "g.onnx")
    data = (tmp_path / "g.onnx").read_bytes()
    for end in range(3, len(data), len(data) // 9):
        (tmp_path / "h.onnx").write_bytes(data[:end])
        with pytest.raises(UserError):
            open_foreign(tmp_path / "h.onnx")


def test_what_the_window_wants_to_know_of_its_layers(tmp_path):
    from gan.models import build_generator

    generator(tmp_path / "g.onnx")
    config = open_foreign(tmp_path / "g.onnx").info.config
    assert build_generator(config)(torch.zeros(2, 6)).shape == (2, 3, 8, 8)
