"""What somebody outside wants of a run that is on its way: to go on, to pause, to stop, another end."""

from __future__ import annotations

import time
from collections.abc import Callable

from gan.training.control import Control
from gan.training.run_directory import RunDirectory, Want

PAUSE_POLL = 0.2  # seconds


class Steering:
    """Follows the control file of one run.

    Args:
        steps: where the run ends unless somebody says otherwise.

    Attributes:
        want: what it should do now.
        steps: where it ends.
        message: why it pauses; a whole sentence, or empty where somebody asked for it.
        should_stop: asked after each update and during a pause, besides the control file.
    """

    def __init__(self, directory: RunDirectory, steps: int) -> None:
        self._control = Control(directory.control_path)
        self.want: Want = "run"
        self.steps = steps
        self.message = ""
        self.should_stop: Callable[[], bool] = lambda: False

    @property
    def stopping(self) -> bool:
        """Whether it should save and end."""
        return self.want == "stop" or self.should_stop()

    @property
    def pausing(self) -> bool:
        """Whether it should wait."""
        return self.want == "pause" and not self.should_stop()

    @property
    def has_news(self) -> bool:
        """Whether somebody has asked for something that :meth:`follow` has not read yet."""
        return self._control.has_news

    def follow(self) -> bool:
        """Read what is asked for; whether the run has got another end."""
        wish = self._control.read()
        if wish is None:
            return False
        self.want = wish.want or self.want
        if wish.steps is None or wish.steps == self.steps:
            return False
        self.steps = wish.steps
        return True

    def ask_to_pause(self, message: str) -> None:
        """Wait for somebody to say *run*, unless something was asked for already."""
        if self.want == "run":
            self.want = "pause"
        self.message = message

    def wait(self, look: Callable[[], object]) -> float:
        """Block while it pauses; -> how long, in seconds.

        Args:
            look: called about five times a second; it may raise.
        """
        began = time.monotonic()
        while self.pausing:
            time.sleep(PAUSE_POLL)
            look()
        self.message = ""
        return time.monotonic() - began
