"""Which columns of a run's log make which chart, what they mean, and in what unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SeriesSpec:
    """One line of a chart."""

    column: str
    """Key of a line of ``metrics.jsonl``."""
    label: str
    token: str
    """Theme token of its colour."""


@dataclass(frozen=True)
class ChartSpec:
    """One chart."""

    key: str
    title: str
    """On the button that shows it."""
    axis: str
    """What is upwards, with its unit."""
    series: tuple[SeriesSpec, ...]
    about: str
    gap: bool = False
    """Whether the room between the first two lines is filled and its height named."""


CHARTS: tuple[ChartSpec, ...] = (
    ChartSpec(
        "estimate",
        "Estimate",
        "critic units",
        (SeriesSpec("wasserstein", "training", "accent"), SeriesSpec("wasserstein_held_out", "held-out", "warning")),
        "Wasserstein estimate: how far the critic tells real pictures from made ones,\n"
        "on training pictures and on pictures it never saw.\n"
        "Falling is good. A gap between the two that grows is overfitting: more pictures or augmentation help.\n"
        "Its unit is the critic's own: compare within one run, not between different critics.",
        gap=True,
    ),
    ChartSpec(
        "losses",
        "Losses",
        "loss",
        (
            SeriesSpec("critic_loss", "critic", "accent"),
            SeriesSpec("generator_loss", "generator", "warning"),
            SeriesSpec("penalty", "penalty", "muted"),
        ),
        "What both networks minimise. They pull against each other, so neither has to fall.\n"
        "Swings that grow and grow are the bad sign.",
    ),
    ChartSpec(
        "gradients",
        "Gradients",
        "norm",
        (
            SeriesSpec("critic_grad_norm", "critic", "accent"),
            SeriesSpec("generator_grad_norm", "generator", "warning"),
        ),
        "How strongly each network is pulled in one update. Near zero it learns nothing; wild jumps are unrest.",
    ),
    ChartSpec(
        "speed",
        "Speed",
        "images/s",
        (SeriesSpec("images_per_second", "training", "accent"),),
        "Training pictures shown to the critic per second.",
    ),
    ChartSpec(
        "memory",
        "Memory",
        "MB",
        (SeriesSpec("memory_mb", "process", "accent"), SeriesSpec("device_memory_mb", "graphics card", "warning")),
        "Memory of the training process, and what it uses of a graphics card.",
    ),
    ChartSpec(
        "schedule",
        "Schedule",
        "step size",
        (SeriesSpec("learning_rate", "learning rate", "accent"),),
        "The step size of the optimisers.",
    ),
    ChartSpec(
        "augment",
        "Augmentation",
        "share",
        (SeriesSpec("augment", "augmented", "accent"),),
        "The share of pictures the critic sees changed at random (0 to 1).",
    ),
)
"""In the order of their buttons."""


def find_chart(key: str) -> ChartSpec:
    """The chart called ``key``, or the first."""
    return next((chart for chart in CHARTS if chart.key == key), CHARTS[0])
