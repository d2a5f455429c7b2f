"""Some pictures of a data set, without reading the others."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from gan.config import Framing
from gan.data.packed import load
from gan.data.parallel import ordered_map
from gan.data.pictures import Frame, Unusable, quiet_decoders
from gan.data.sources import list_pictures
from gan.errors import UserError
from gan.images import Bytes


def glimpse(
    path: Path, image_size: int, channels: int, count: int, *, framing: Framing = "crop", ground: str = "#ffffff"
) -> Bytes:
    """Up to ``count`` pictures from all over a data set, as :func:`gan.data.open_dataset` makes them.

    Only they are opened, and nothing is kept: a data set of 15,000 files is looked at in the time it takes to list it.

    Returns:
        uint8 (n, H, W, C), the same ones each time; fewer than ``count`` where some of them are damaged.

    Raises:
        UserError: it is missing or unreadable, no data set, or none of those looked at can be used.
    """
    frame = Frame(image_size, channels, framing, ground)
    try:
        sources = list_pictures(path).sources
        chosen = [sources[index] for index in np.linspace(0, len(sources) - 1, min(count, len(sources))).astype(int)]
        with quiet_decoders(), closing(ordered_map(partial(load, frame=frame), chosen)) as results:
            images = [result[1] for result in results if not isinstance(result, Unusable)]
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or 'it is damaged'}.") from error
    if not images:
        raise UserError(f"{path} holds no usable picture.")
    return np.stack(images)
