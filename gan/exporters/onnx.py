"""A generator as an ONNX file: z (n, dim) -> image (n, C, H, W), weights inside, checked before it is written.

torch's newer exporter needs the package onnxscript; the one based on tracing does not, and generators have no control
flow that a trace could miss. It is deprecated, so the whole use of it is here (``_traced``), and what it wrote is
believed only after onnxruntime has drawn the same pictures with it.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import nn

from gan.checkpoints import Checkpoint
from gan.errors import UserError
from gan.files import write_atomic
from gan.images import Floats
from gan.importers.onnx import OnnxGenerator
from gan.importers.onnx_graph import METADATA_KEY
from gan.importers.onnx_session import first_line, import_session, open_session
from gan.latent.draws import draw
from gan.rendering import Renderer, one_thread

OPSET = 17
"""Of 2022; onnxruntime knows it since 1.12, and nothing newer is needed."""
INPUT, OUTPUT = "z", "image"
_PICTURES = 8
_STEP = 1  # of 0..255: another order of sums may round to the neighbour
_INSTALL = "pip install 'latent-debugger[onnx]'"


def export_onnx(path: Path, checkpoint: Checkpoint) -> None:
    """Write the generator, atomically, once onnxruntime draws the same pictures with it (within one step of 0..255).

    Statistics of the batch, where a project uses them, are those of the single pictures of this program. The file's
    metadata says under ``latent_debugger`` where the model comes from and which numbers are black and white.

    Raises:
        UserError: onnx or onnxruntime is missing, the model is an ONNX file already, or cannot be written as one.
    """
    if isinstance(checkpoint.generator, OnnxGenerator):
        raise UserError(f"{checkpoint.info.path.name} is an ONNX file already.", "Copy it.")
    onnx = _import_onnx()
    import_session()
    renderer = Renderer(checkpoint.generator, checkpoint.info, torch.device("cpu"))  # freezes statistics of the batch
    with one_thread():
        model = onnx.load_from_string(_traced(checkpoint.generator, renderer.dim))
    model.producer_name, model.producer_version = "latent-debugger", ""
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(_about(checkpoint))})
    data: bytes = model.SerializeToString()
    _check(data, renderer)
    write_atomic(path, data)


def _traced(generator: nn.Module, dim: int) -> bytes:
    """The bytes of the ONNX file, any number of latents at a time.

    Raises:
        UserError: an operation of the network has no ONNX.
    """
    with TemporaryDirectory(prefix="latent-debugger-") as folder, warnings.catch_warnings(), torch.inference_mode():
        out = Path(folder) / "model.onnx"
        warnings.simplefilter("ignore")  # that tracing is deprecated, and that sizes become constants: see _check
        try:
            torch.onnx.export(
                generator,
                (torch.zeros(_PICTURES, dim),),
                out,
                dynamo=False,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_axes={INPUT: {0: "n"}, OUTPUT: {0: "n"}},
            )
        except (RuntimeError, TypeError, ValueError) as error:  # torch.onnx.errors are RuntimeErrors
            raise UserError(f"This network cannot be written as ONNX: {first_line(error)}.") from error
        return out.read_bytes()


def _about(checkpoint: Checkpoint) -> dict[str, Any]:
    about = checkpoint.info.to_json()
    output_range = about["config"].get("output_range", "-1..1")
    return {**{key: about[key] for key in ("family", "step", "run", "sha256", "source")}, "output_range": output_range}


def _check(data: bytes, renderer: Renderer) -> None:
    """Draw with onnxruntime: one latent, and several at a time.

    Raises:
        UserError: the pictures are not those of the window.
    """
    latents = draw(_PICTURES, renderer.dim, seed=0)
    wanted = renderer.pixels(latents).astype(np.int16)
    session = open_session(data)
    alone, together = _run(session, latents[:1]), _run(session, latents[1:])
    found = renderer.to_pixels(np.concatenate([alone, together])).astype(np.int16)
    if found.shape != wanted.shape or np.abs(found - wanted).max() > _STEP:
        raise UserError("onnxruntime draws other pictures with the ONNX file than this program, so it is not kept.")


def _run(session: Any, latents: Floats) -> Floats:
    try:
        answer: Floats = session.run([OUTPUT], {INPUT: latents})[0]
    except Exception as error:  # onnxruntime has a dozen classes for its failures and no common one
        raise UserError(f"This network cannot be written as ONNX: {first_line(error)}.") from error
    return answer


def _import_onnx() -> Any:
    try:
        import onnx
    except ImportError:
        raise UserError("Writing ONNX files needs the package onnx, which is not installed.", _INSTALL) from None
    return onnx
