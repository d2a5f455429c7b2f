"""What a model is and how it is trained: two frozen dataclasses that validate themselves.

Both travel as JSON (checkpoint headers, ``config.json`` of a run), so their field names are part of the file formats.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self, get_type_hints

from gan.errors import UserError

Objective = Literal["wgan", "wgan-gp", "dcgan"]
Norm = Literal["batch", "layer", "none"]
Precision = Literal["auto", "fp32", "bf16"]
Framing = Literal["crop", "pad", "fit"]
Upsampling = Literal["transposed", "resize"]
Decay = Literal["none", "linear"]
Augment = Literal["none", "diffaugment", "auto"]

IMAGE_SIZES = (32, 64, 128, 256)
MAX_Z_DIM = 1024


class _Checked:
    """JSON in and out for a frozen dataclass; a wrong field is named."""

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what :meth:`to_json` wrote. Unknown fields are ignored: a newer version may have added them.

        Raises:
            UserError: ``values`` is no JSON object, or a field has the wrong type or value.
        """
        if not isinstance(values, dict):
            raise UserError(f"The {cls.__name__} is not a JSON object.")
        known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        try:
            return cls(**{name: value for name, value in values.items() if name in known})
        except TypeError as error:  # a required field is missing
            raise UserError(f"The {cls.__name__} is incomplete: {error}.") from error

    def _check_types(self) -> None:
        for name, hint in get_type_hints(type(self)).items():
            value, allowed = getattr(self, name), _plain_types(hint)
            if allowed and (not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed)):
                wanted = " or ".join(kind.__name__ for kind in allowed)
                raise UserError(f"{name} must be {wanted}, not {value!r}.")

    def _check_range(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if not low <= value <= high:
            raise UserError(f"{name} must lie between {low} and {high}, not {value}.")

    def _check_choice(self, name: str, choices: tuple[object, ...]) -> None:
        value = getattr(self, name)
        if value not in choices:
            raise UserError(f"{name} must be one of {', '.join(map(str, choices))}, not {value!r}.")


def _plain_types(hint: object) -> tuple[type, ...]:
    """The runtime types of a field; an int is welcome where a float is asked for."""
    return {int: (int,), float: (int, float), bool: (bool,)}.get(hint, (str,))  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True)
class ModelConfig(_Checked):
    """The architecture of one generator and its critic."""

    family: str = "dcgan"
    """Name in the registry of :mod:`gan.models`."""
    image_size: int = 64
    """Height and width of a picture in pixels; a power of two, 32 to 256."""
    z_dim: int = 100
    """Number of latent dimensions, 1 to 1024."""
    channels: int = 3
    """Colour channels of a picture: 1 (grey) or 3 (RGB)."""
    width: int = 64
    """Feature maps of the layer nearest the picture; deeper layers hold up to 8 times as many."""
    norm: Norm = "layer"
    """Normalisation of the critic: batch, layer (per sample) or none. The generator always has batch normalisation."""
    upsampling: Upsampling = "transposed"
    """How the generator doubles its size: transposed convolutions (arXiv 1511.06434), or resize: nearest neighbour and
    a 3 x 3 convolution, which cannot leave a chequerboard (Odena et al. 2016, distill.pub/2016/deconv-checkerboard)."""

    def __post_init__(self) -> None:
        self._check_types()
        self._check_choice("image_size", IMAGE_SIZES)
        self._check_range("z_dim", 1, MAX_Z_DIM)
        self._check_choice("channels", (1, 3))
        self._check_range("width", 1, 512)
        self._check_choice("norm", ("batch", "layer", "none"))
        self._check_choice("upsampling", ("transposed", "resize"))


@dataclass(frozen=True)
class TrainConfig(_Checked):
    """How a generator is trained. Build it with :meth:`for_objective`, which knows each paper's settings."""

    objective: Objective = "wgan-gp"
    """wgan (arXiv 1701.07875), wgan-gp (arXiv 1704.00028) or dcgan (arXiv 1511.06434, non-saturating)."""
    steps: int = 20_000
    """Generator updates in all."""
    batch: int = 32
    """Pictures in one critic or generator update, of all processes together."""
    n_critic: int = 1
    """Critic updates before each generator update: 5 in algorithm 1 of arXiv 1701.07875 and of arXiv 1704.00028."""
    burst: bool = False
    """100 critic updates instead of n_critic before each of the first 25 generator updates and before every 500th, as
    the code that the authors of arXiv 1701.07875 published does."""
    learning_rate: float = 2e-4
    """Step size of both optimisers, without unit, above 0 to 1: RMSprop's for wgan (5e-5 in arXiv 1701.07875), else
    Adam's (1e-4 in arXiv 1704.00028, 2e-4 in arXiv 1511.06434)."""
    lr_decay: Decay = "none"
    """linear: the step size falls in a straight line to nothing at the end of the run, as in the authors' code of
    arXiv 1704.00028; in a run that is extended it falls later. none: it stays."""
    decay_from: float = 0.5
    """lr_decay linear only: share of ``steps``, 0 to 1, after which the step size begins to fall."""
    beta1: float = 0.0
    """Adam's decay of the first moment, 0 to 1 (arXiv 1412.6980, algorithm 1); 0 in arXiv 1704.00028, 0.5 in arXiv
    1511.06434. Unused by wgan (RMSprop)."""
    beta2: float = 0.9
    """Adam's decay of the second moment, 0 to 1 (arXiv 1412.6980, algorithm 1); 0.9 in arXiv 1704.00028. Unused by wgan
    (RMSprop)."""
    clip: float = 0.01
    """wgan only: critic parameters are clipped to [-clip, clip] before each critic update, as in the authors' code of
    arXiv 1701.07875 (its algorithm 1, line 7, clips after it)."""
    gradient_penalty: float = 10.0
    """wgan-gp only: the weight lambda of the gradient penalty (arXiv 1704.00028, equation 3)."""
    ema_half_life: int = 10_000
    """Real pictures shown to the critic after which a weight's share in the generator's moving average has halved
    (Karras et al. 2020, arXiv 2006.06676, count in pictures, too); 0 switches averaging off."""
    flip: bool = False
    """Mirror training pictures left to right at random."""
    augment: Augment = "none"
    """diffaugment: random colour, shift and cut-out on what the critic sees, real and generated alike (Zhao et al.
    2020, arXiv 2006.10738). auto: the same, on a share of the pictures that grows while the critic tells training from
    held-out pictures (the idea of Karras et al. 2020, arXiv 2006.06676); needs held_out."""
    held_out: float = 0.0
    """Share of the pictures, 0 to 0.5, that is never trained on: the critic's score of them against training pictures
    is the overfitting alarm (as the held-out set of arXiv 1704.00028, figure 5). 0 trains on everything and gives no
    alarm."""
    precision: Precision = "auto"
    """Numbers of the forward and backward passes: bf16 (autocast; weights and optimisers stay in float32), fp32, or
    auto: bf16 where the processor or GPU has instructions for it."""
    threads: int = 0
    """CPU threads of each process; 0 means all cores but one, divided among the processes of this machine."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:N or mps."""
    devices: int = 1
    """Processes on each machine, each with a device of its own; ``batch`` is divided among all of them. Under torchrun
    or SLURM their environment says how many there are, and this is not read."""
    nodes: int = 1
    """Machines that train together; not read under torchrun."""
    checkpoint_every: int = 500
    """Generator updates between two checkpoints."""
    keep_checkpoints: int = 0
    """Newest checkpoints to keep, with their sample sheets; older ones are deleted unless they are milestones. 0 keeps
    all."""
    milestone_every: int = 0
    """Generator updates between two checkpoints that are never deleted; 0: only step 0 and the last one are."""
    tensorboard: bool = False
    """Also write TensorBoard event files to ``tensorboard/`` in the run (needs the extra ``tensorboard``)."""
    pause_on_trouble: bool = True
    """Pause, with a reason, when the estimate diverges, a number is not finite, samples collapse or disk runs low."""
    previews: int = 64
    """Pictures in a sample sheet, always from the same latents."""
    framing: Framing = "crop"
    """How a picture that is not square becomes so: crop cuts its middle out, pad letterboxes it, fit squeezes it."""
    ground: str = "#ffffff"
    """The opaque colour, a name or #rrggbb, under transparent pictures and around letterboxed ones."""
    seed: int = 0
    """Everything drawn at random follows from it: weights, order of pictures, noise."""

    def __post_init__(self) -> None:
        self._check_types()
        self._check_choice("objective", ("wgan", "wgan-gp", "dcgan"))
        self._check_choice("precision", ("auto", "fp32", "bf16"))
        self._check_range("steps", 1, 10**9)
        self._check_range("batch", 2, 65_536)
        self._check_range("n_critic", 1, 1000)
        self._check_range("learning_rate", 1e-9, 1.0)
        self._check_range("beta1", 0.0, 0.9999)
        self._check_range("beta2", 0.0, 0.9999)
        self._check_range("clip", 1e-9, 1e3)
        self._check_range("gradient_penalty", 0.0, 1e6)
        self._check_choice("framing", ("crop", "pad", "fit"))
        self._check_choice("lr_decay", ("none", "linear"))
        self._check_range("decay_from", 0.0, 1.0)
        self._check_range("ema_half_life", 0, 10**12)
        self._check_choice("augment", ("none", "diffaugment", "auto"))
        self._check_range("held_out", 0.0, 0.5)
        if self.augment == "auto" and not self.held_out > 0:
            raise UserError("augment auto watches held-out pictures, but held_out is 0.", "Set held_out to 0.05, say.")
        self._check_range("devices", 1, 1024)
        self._check_range("nodes", 1, 65_536)
        self._check_range("threads", 0, 4096)
        self._check_range("checkpoint_every", 1, 10**9)
        self._check_range("keep_checkpoints", 0, 10**9)
        self._check_range("milestone_every", 0, 10**9)
        self._check_range("previews", 1, 1024)
        self._check_range("seed", 0, 2**32 - 1)

    @classmethod
    def for_objective(cls, objective: Objective, **overrides: Any) -> TrainConfig:
        """The paper's settings for ``objective``, with ``overrides`` on top (None counts as not given)."""
        papers: dict[str, dict[str, Any]] = {
            "wgan": {"batch": 64, "n_critic": 5, "learning_rate": 5e-5, "clip": 0.01},
            "wgan-gp": {"batch": 64, "n_critic": 5, "learning_rate": 1e-4, "beta1": 0.0, "beta2": 0.9},
            "dcgan": {"batch": 128, "n_critic": 1, "learning_rate": 2e-4, "beta1": 0.5, "beta2": 0.999},
        }
        given = {name: value for name, value in overrides.items() if value is not None}
        return cls(**{"objective": objective, **papers.get(objective, {}), **given})

    def with_changes(self, **changes: Any) -> TrainConfig:
        """A copy with ``changes`` (None counts as not given)."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


def check_together(model: ModelConfig, train: TrainConfig) -> None:
    """Whether these networks can be trained like this.

    Raises:
        UserError: they cannot; the sentence begins with the field that is wrong.
    """
    if not _allows(train.objective, model.norm):
        raise UserError(
            "norm must be layer or none for wgan-gp: its penalty is per sample, and batch normalisation mixes samples."
        )


def suited(model: ModelConfig, objective: Objective) -> dict[str, Any]:
    """The fields of ``model``, as those of a preset or of a checkpoint to begin with, without a ``norm`` that the
    objective forbids: the critic's is no part of the generator, and may be another."""
    fields = model.to_json()
    if not _allows(objective, model.norm):
        del fields["norm"]
    return fields


def _allows(objective: Objective, norm: Norm) -> bool:
    return objective != "wgan-gp" or norm != "batch"
