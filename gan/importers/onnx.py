"""ONNX generators, run by onnxruntime (the extra ``onnx``) after a look at what the file asks for.

Only operators of the standard set that a generator needs are run; loops, branches, functions and weights in other
files are refused. The first picture is drawn by another process, with limits: a file cannot claim all the memory here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan.errors import UserError
from gan.importers.choices import Choices
from gan.importers.config import MAX_IMAGE_SIZE, PREFIX, ImportedConfig, OutputRange
from gan.importers.limits import UnreadableError
from gan.importers.onnx_graph import Graph, Port
from gan.importers.onnx_session import first_line, import_session, open_session

MAX_FILE = 2**31
_SECONDS = 30  # of waiting; the probe's own limit is processor time
_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from gan.importers.onnx_probe import main; main()"
_FLOAT = 1
_OPERATORS = {
    "Abs", "Add", "AveragePool", "BatchNormalization", "Cast", "Ceil", "Clip", "Concat", "Constant", "Conv",
    "ConvTranspose", "DepthToSpace", "Div", "Dropout", "Einsum", "Elu", "Erf", "Exp", "Flatten", "Floor", "Gather",
    "Gelu", "Gemm", "GlobalAveragePool", "GroupNormalization", "HardSigmoid", "HardSwish", "Identity",
    "InstanceNormalization", "LayerNormalization", "LeakyRelu", "Log", "LogSoftmax", "MatMul", "Max", "Mean", "Min",
    "Mul", "Neg", "PRelu", "Pow", "Reciprocal", "ReduceMean", "ReduceSum", "Relu", "Reshape", "Resize", "Selu", "Shape",
    "Sigmoid", "Sin", "Cos", "Slice", "Softmax", "Softplus", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh",
    "Transpose", "Unsqueeze", "Upsample", "ReduceL2", "Mish", "Swish",
}  # fmt: skip


class OnnxGenerator(nn.Module):
    """z (N, z_dim) -> pictures (N, C, H, W), by onnxruntime on the processor."""

    def __init__(self, session: Any, given: Port, answer: Port) -> None:
        super().__init__()
        self._session, self._given, self._answer = session, given, answer

    def forward(self, z: Tensor) -> Tensor:
        latents = z.detach().cpu().numpy()
        tail = [1] * (len(self._given.shape) - 2)
        if self._given.shape[0] > 0 and self._given.shape[0] != len(latents):
            if self._given.shape[0] != 1:
                raise UserError(f"The ONNX file draws {self._given.shape[0]} pictures at a time and no other number.")
            pictures = [self._run(row.reshape(1, -1, *tail)) for row in latents]
            return torch.from_numpy(np.concatenate(pictures)).to(z.device)
        return torch.from_numpy(self._run(latents.reshape(len(latents), -1, *tail))).to(z.device)

    def _run(self, latents: np.ndarray) -> np.ndarray:
        try:
            found = self._session.run([self._answer.name], {self._given.name: np.ascontiguousarray(latents)})[0]
        except Exception as error:  # onnxruntime has a dozen classes for its failures and no common one
            raise UserError(f"onnxruntime cannot draw with this file: {first_line(error)}.") from error
        if not isinstance(found, np.ndarray) or found.ndim != 4:
            raise UserError("The ONNX file does not answer with pictures.")
        return found.astype(np.float32, copy=False)


def open_onnx(path: Path, graph: Graph, choices: Choices) -> tuple[nn.Module, ImportedConfig, str]:
    """The network, its configuration, and what it is.

    Raises:
        UserError: onnxruntime is missing, or the file is no generator, or asks for what is not run.
    """
    if graph.external:
        raise UnreadableError(
            "This ONNX file keeps weights in other files, which are not read.", "Export it as one file."
        )
    strange = sorted(set(graph.operators) - _OPERATORS)
    if strange:
        raise UnreadableError(f"This ONNX file uses {', '.join(strange[:5])}, which generators do not and is not run.")
    if len(graph.inputs) != 1 or not graph.outputs:
        raise UnreadableError(f"This ONNX network takes {len(graph.inputs)} inputs; a generator here takes one latent.")
    if choices.activation is not None or choices.batch_stats is not None:
        raise UserError("An ONNX file holds its activation and statistics; they cannot be chosen.")
    given, answer = graph.inputs[0], graph.outputs[0]
    z_dim = given.shape[1] if len(given.shape) in (2, 4) else 0
    if given.kind != _FLOAT or z_dim <= 0 or any(size not in (0, 1) for size in given.shape[2:]):
        raise UnreadableError("This ONNX network does not take latents (N, dim) or (N, dim, 1, 1) of float32.")
    if path.stat().st_size > MAX_FILE:
        raise UnreadableError("The ONNX file is too large.")
    if "\0" in given.name + answer.name:
        raise UnreadableError("The ONNX file is damaged.")
    import_session()
    _, channels, height, width = _probe(path, given, answer, [1, z_dim, *[1] * (len(given.shape) - 2)])
    if height != width or height > MAX_IMAGE_SIZE or channels not in (1, 3, 4):
        raise UserError(f"This ONNX network makes {channels} × {height} × {width} numbers, which is no square picture.")
    config = ImportedConfig(
        family=f"{PREFIX}onnx",
        image_size=height,
        z_dim=z_dim,
        channels=channels,
        width=1,
        architecture=json.dumps({"kind": "onnx", "channels": channels, "image_size": height}),
        output_range=choices.output_range or _range(graph),
    )
    network = OnnxGenerator(open_session(path.read_bytes()), given, answer)
    return network.eval(), config, f"ONNX ({', '.join(graph.operators[:6])})"


def _range(graph: Graph) -> OutputRange:
    """The numbers that are black and white: as this program noted when it wrote the file, else by how it ends."""
    noted: OutputRange | None = {"-1..1": "-1..1", "0..1": "0..1"}.get(graph.output_range)  # type: ignore[assignment]
    return noted or ("0..1" if graph.operators[-1:] == ["Sigmoid"] else "-1..1")


def _probe(path: Path, given: Port, answer: Port, sizes: list[int]) -> list[int]:
    """The shape of the answer for one latent, found out in another process (:mod:`gan.importers.onnx_probe`).

    Raises:
        UnreadableError: there is none, or not within reasonable time and memory.
    """
    words = [sys.executable, "-I", "-c", _PROGRAM, str(_ROOT), str(path.resolve())]
    words += [given.name, answer.name, ",".join(map(str, sizes))]
    try:
        done = subprocess.run(words, capture_output=True, timeout=_SECONDS, check=False)
        shape = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise UnreadableError(
            "The ONNX file cannot be drawn within reasonable time and memory, or not at all.", "Export it again."
        ) from error
    if not isinstance(shape, list) or len(shape) != 4 or shape[0] != 1:
        raise UnreadableError(f"The ONNX file does not answer with one picture, but with numbers of shape {shape}.")
    return shape
