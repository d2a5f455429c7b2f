"""Picture to latent off the GUI thread: read a picture as the model would see it, then search for it. Plain functions,
run on a Worker and by the InstrumentService."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gan.config import Framing
from gan.data.manifest import Entry
from gan.data.pictures import Frame, Unusable, decode, quiet_decoders, square
from gan.data.sources import in_manifest, read_checked
from gan.errors import UserError
from gan.images import Bytes
from gan.instruments.projection import Projection, project
from gan.instruments.subject import Subject
from latent_debugger.services.instruments import Watch
from latent_debugger.services.reference import place_in_run
from latent_debugger.state.model import OpenModel
from latent_debugger.state.projection import ProjectionSettings, TargetFraming


def read_target(path: Path, model: OpenModel, framing: TargetFraming) -> Bytes:
    """A picture file as pictures were made for training ``model`` -> (H, W, C) of its own size.

    Args:
        framing: ``run`` does as the run around the checkpoint did.

    Raises:
        UserError: it is no picture that can be read safely.
    """
    place = place_in_run(model)
    ground = place.ground if place is not None else "#ffffff"
    known: Framing = place.framing if place is not None else "crop"
    frame = Frame(model.image_size, 1 if model.channels == 1 else 3, known if framing == "run" else framing, ground)
    (source,) = in_manifest(path.parent / "manifest.jsonl", [Entry(path.name)])
    try:
        with quiet_decoders():
            image = square(decode(read_checked(source)[0], 2 * frame.size)[0], frame)
    except Unusable as reason:
        raise UserError(f"{path.name} cannot be searched for: {reason}.", "Choose a PNG, JPEG or the like.") from None
    if model.channels == 4:
        image = np.concatenate([image, np.full_like(image[..., :1], 255)], axis=-1)
    return np.ascontiguousarray(image)


def search(subject: Subject, watch: Watch, target: Bytes, options: ProjectionSettings, seed: int) -> list[Projection]:
    """What each start led to, the best first; ``watch`` is shown the best find so far.

    Raises:
        UserError: the model gives no gradients, or the picture is not of its size.
        CancelledWorkError: somebody has had enough.
    """
    critic = subject.critic if options.critic else None
    generator, restarts, steps = subject.generator, options.restarts, options.steps
    found = project(
        generator, target, subject.dim, critic, restarts, steps, seed, tell=lambda best: watch.show(best.share, best)
    )
    return list(found)
