"""What a file cannot tell, and somebody may know."""

from __future__ import annotations

from dataclasses import dataclass, fields

from gan.errors import UserError
from gan.importers.config import BatchStats, OutputRange
from gan.importers.layers import ACTIVATIONS

OPTIONS: dict[str, tuple[str, ...]] = {
    "activation": ACTIVATIONS,
    "output_range": ("-1..1", "0..1"),
    "batch_stats": ("running", "batch"),
}
"""The answers there are to each question."""


@dataclass(frozen=True)
class Choices:
    """Answers; None leaves a question to what the file and its project suggest."""

    activation: str | None = None
    """What the generator ends in: tanh, sigmoid, or none."""
    output_range: OutputRange | None = None
    """The numbers that are black and white in its output."""
    batch_stats: BatchStats | None = None
    """running: normalise by the stored statistics; batch: by those of the pictures that are made together."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, options = getattr(self, field.name), OPTIONS[field.name]
            if value is not None and value not in options:
                raise UserError(f"{field.name} must be one of {', '.join(options)}, not {value!r}.")


class ChoiceNeededError(UserError):
    """The file does not tell something that its pictures depend on, and nothing suggests an answer.

    Attributes:
        questions: names of fields of :class:`Choices`; :data:`OPTIONS` has their answers.
    """

    def __init__(self, what: str, questions: tuple[str, ...]) -> None:
        flags = " and ".join(f"--{name.replace('_', '-')} {'|'.join(OPTIONS[name])}" for name in questions)
        super().__init__(what, f"Say it with {flags}.")
        self.questions = questions
