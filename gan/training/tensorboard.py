"""TensorBoard event files beside a run's own metrics, for those who have it; optional and never read back."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan.errors import UserError
from gan.images import Bytes

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


def open_events(folder: Path, step: int) -> Events:
    """Event files in ``folder``; what was written for steps after ``step`` is hidden: the run went back there.

    Raises:
        UserError: the package is not installed.
    """
    require_tensorboard()
    from torch.utils.tensorboard import SummaryWriter

    return Events(SummaryWriter(str(folder), purge_step=step + 1 if step else None, max_queue=100, flush_secs=10))


def require_tensorboard() -> None:
    """Refuse before anything was written, not at the first event.

    Raises:
        UserError: the package is not installed.
    """
    try:
        import torch.utils.tensorboard  # noqa: F401
    except ImportError as error:
        hint = "pip install tensorboard, or leave tensorboard off."
        raise UserError("TensorBoard events were asked for, but the package tensorboard is missing.", hint) from error


class Events:
    """The writer, with the run's names. A disk that is full is noticed by the run's own files, so not here as well."""

    def __init__(self, writer: SummaryWriter) -> None:
        self._writer = writer

    def add_line(self, line: dict[str, Any]) -> None:
        """One line of metrics: each number becomes a scalar of that name."""
        with suppress(OSError):
            for name, value in line.items():
                if name not in ("step", "time") and isinstance(value, int | float):
                    self._writer.add_scalar(name, value, line["step"], line["time"])

    def add_sheet(self, sheet: Bytes, step: int) -> None:
        """A sheet of samples (H, W, C)."""
        with suppress(OSError):
            self._writer.add_image("samples", sheet, step, dataformats="HWC")

    def close(self) -> None:
        """Write what is left and close the file."""
        with suppress(OSError):
            self._writer.close()
