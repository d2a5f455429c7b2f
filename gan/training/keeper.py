"""What a run leaves on disk: states, checkpoints, sample sheets, metrics. The runner says when, and what if not."""

from __future__ import annotations

import math
import shutil
from functools import partial
from typing import Any

from gan.checkpoints import CheckpointInfo, all_finite, save_checkpoint
from gan.images import save_sheet, sheet
from gan.latent.draws import draw
from gan.latent.vectors import save_vectors
from gan.rendering import open_renderer
from gan.training.background import BackgroundWriter
from gan.training.breakpoints import Trouble, Watch, diversity, not_finite
from gan.training.retention import drop_superfluous
from gan.training.run_directory import MetricsLog, RunConfig, RunDirectory
from gan.training.state import Snapshot, load_newest, share_state
from gan.training.tensorboard import Events, open_events
from gan.training.trainer import Trainer


class Keeper:
    """Writes the files of one run. Whatever writes raises a UserError when it cannot; then it may be called again.

    Args:
        watch: looks at the disk and at the samples.
    """

    def __init__(self, directory: RunDirectory, config: RunConfig, trainer: Trainer, watch: Watch) -> None:
        self._directory, self._config, self._trainer, self._watch = directory, config, trainer, watch
        self._previews = draw(config.train.previews, config.model.z_dim, config.train.seed)
        directory.drop_unfinished()
        save_vectors(directory.preview_z_path, self._previews)
        self._metrics = MetricsLog(directory.metrics_path, trainer.step)
        levels = [line.get("wasserstein") for line in self._metrics.newest]
        watch.accept([level for level in levels if isinstance(level, int | float) and math.isfinite(level)])
        self._events: Events | None = None
        self._open_events()
        directory.hold_reserve()
        self._writer = BackgroundWriter()
        self._state_bytes = 0

    def line(self, line: dict[str, Any]) -> None:
        """Add a line of metrics."""
        self._metrics.append(line)
        if self._events is not None:
            self._events.add_line(line)

    def state(self) -> Trouble | None:
        """Copy every number and write it in the background; what is not finite is not kept."""
        snapshot = Snapshot.of(self._trainer)
        if not snapshot.is_finite():
            return not_finite(snapshot.step, "network")
        self._state_bytes = snapshot.nbytes
        self._writer.start(partial(self._write_state, snapshot))
        return None

    def room(self) -> Trouble | None:
        """Whether the disk has room for a checkpoint and a state, and some more."""
        values = [value for network in self._networks() for value in network.state_dict().values()]
        needed = sum(value.nbytes for value in values) + self._state_bytes
        return self._watch.disk(shutil.disk_usage(self._directory.path).free, needed)

    def checkpoint(self) -> Trouble | None:
        """The averaged generator and the critic, then the sheet of samples it makes; then old ones go."""
        trainer, directory, config = self._trainer, self._directory, self._config
        if not all_finite(value for network in self._networks() for value in network.state_dict().values()):
            return not_finite(trainer.step, "network")
        info = CheckpointInfo(
            path=directory.checkpoint(trainer.step),
            family=config.model.family,
            config=config.model,
            step=trainer.step,
            images_seen=trainer.images_seen,
            objective=config.train.objective,
            run=config.run,
            parent=None if config.parent is None else config.parent.get("sha256"),
            data={key: config.data.get(key) for key in ("name", "count", "sha256")},
        )
        generator, critic = self._networks()
        save_checkpoint(info.path, generator, info, critic)
        # from the file, not from memory: the window will render the same bytes, and so the same pixels
        images = open_renderer(info.path, str(trainer.device)).pixels(self._previews)
        save_sheet(directory.sample(trainer.step), images, trainer.step)
        keep, milestones = config.train.keep_checkpoints, config.train.milestone_every
        drop_superfluous(directory, config.run, trainer.step, keep, milestones)
        if self._events is not None:
            self._events.add_sheet(sheet(images), trainer.step)
        return self._watch.samples(trainer.step, diversity(images))

    def roll_back(self) -> int:
        """Put the trainer and the log where the newest state is, which is finite; answers its step."""
        self._writer.drop()
        load_newest(self._directory.states(), self._trainer)
        self._trainer.recall()
        share_state(self._trainer)
        self._metrics.cut(self._trainer.step)
        if self._events is not None:
            self._events.close()
            self._open_events()
        return self._trainer.step

    def poll(self) -> None:
        """Raise what became of the state in the background, if it could not be written."""
        self._writer.poll()

    def finish(self) -> None:
        """Wait until the last state is on disk."""
        self._writer.finish()

    def close(self) -> None:
        """End the background thread and close the files."""
        self._writer.close()
        if self._events is not None:
            self._events.close()

    def _networks(self) -> tuple[Any, Any]:
        return self._trainer.ema.generator, self._trainer.critic

    def _write_state(self, snapshot: Snapshot) -> None:
        snapshot.save(self._directory.state(snapshot.step))
        self._directory.drop_old_states(snapshot.step)

    def _open_events(self) -> None:
        if self._config.train.tensorboard:
            self._events = open_events(self._directory.path / "tensorboard", self._trainer.step)
