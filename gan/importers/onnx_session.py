"""onnxruntime as it is used here: one thread, the processor, nothing from outside the file."""

from __future__ import annotations

from typing import Any

from gan.errors import UserError
from gan.importers.limits import UnreadableError


def open_session(data: bytes) -> Any:
    """An ``InferenceSession`` for the bytes of a file.

    Raises:
        UserError: onnxruntime is missing, or cannot read the file.
    """
    onnxruntime = import_session()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the same sums whatever the machine
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a dozen classes without a common one
        raise UnreadableError(f"onnxruntime cannot read this file: {first_line(error)}.") from error


def import_session() -> Any:
    """The module ``onnxruntime``.

    Raises:
        UserError: it is not installed.
    """
    try:
        import onnxruntime
    except ImportError:
        raise UserError(
            "ONNX files need onnxruntime, which is not installed.", "pip install 'latent-debugger[onnx]'"
        ) from None
    return onnxruntime


def first_line(error: Exception) -> str:
    """The beginning of what onnxruntime has to say."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
