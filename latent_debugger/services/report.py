"""What goes into a problem report: versions, device, the end of the log. No picture, and no folder of the user's."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version as installed
from pathlib import Path

import PySide6
import torch

from latent_debugger.log import tail
from latent_debugger.state.model import OpenModel
from latent_debugger.version import version

LOG_LINES = 200

_FOLDERS = r"(?<![…\d])(?:\b[A-Za-z]:|~|[A-Za-z_.][\w.-]*)?[\\/](?:[^\s\\/:*?\"'<>|][^\\/:*?\"'<>|\n]*[\\/])*"
_CODE = r"((?:site-packages|latent_debugger|gan|tests)[\\/](?:\w+[\\/])*\w+\.pyc?)\b"
_OWN_CODE = re.compile(f"(?:{_FOLDERS})?{_CODE}")
_ANY = re.compile(_FOLDERS + r"(?=[^\s\\/])")


def redact(text: str) -> str:
    """``text`` with every path cut down to the file's name; those of code keep the folders inside their package.

    When in doubt it cuts too much: a path may contain spaces, so where it ends is a guess.
    """
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match.group(1))
        return f"\0{len(kept) - 1}\0"

    text = _ANY.sub("…/", _OWN_CODE.sub(keep, text.replace("\0", "")))
    return re.sub("\0(\\d+)\0", lambda match: kept[int(match.group(1))], text)


def build_report(log_folder: Path, model: OpenModel | None, window: Mapping[str, str]) -> str:
    """The whole report as plain text.

    Args:
        window: what only the GUI thread can tell, e.g. the screen's scale; label -> value.
    """
    cuda = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no"
    facts = {
        "Latent Debugger": version() or "checkout",
        "Python": f"{platform.python_version()} ({platform.machine()})",
        "torch": f"{torch.__version__} (CUDA: {cuda}, MPS: {'yes' if torch.backends.mps.is_available() else 'no'})",
        "PySide6": PySide6.__version__,
        "numpy": installed("numpy"),
        "System": f"{platform.platform()}, {os.cpu_count()} cores",
        **window,
        "Model": "none" if model is None else _describe(model),
    }
    wide = max(map(len, facts))
    head = "\n".join(f"{label:<{wide}}  {value}" for label, value in facts.items())
    return redact(f"{head}\n\n{tail(log_folder, LOG_LINES).strip() or 'The log is empty.'}\n")


def _describe(model: OpenModel) -> str:
    return (
        f"{model.path.name}, {model.objective or 'unknown objective'}, step {model.step}, {model.image_size} px, "
        f"{model.dim} dimensions, on {model.device}"
    )
