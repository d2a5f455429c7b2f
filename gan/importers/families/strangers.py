"""What a network is that no family recognises: one sentence that names it, so that a refusal helps."""

from __future__ import annotations

import re
from itertools import islice

from gan.importers.families.base import State

_LATER = "This version does not draw it yet."
_GENERATOR = "Open a generator's weights."
_NO_CODE = "Export it to ONNX, which holds the whole computation."
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (r"(.*\.)?synthesis\.input\.(freqs|transform)", "NVIDIA's StyleGAN3", _LATER),
    (r"(.*\.)?synthesis\.b\d+\..*", "NVIDIA's StyleGAN2 or StyleGAN2-ADA", _LATER),
    (r"(.*\.)?convs\.\d+\.conv\.modulation\.weight", "StyleGAN2 in rosinality's version", _LATER),
    (r"(.*\.)?(generator|g_mapping)\.(init_block|truncation)\..*", "StyleGAN", _LATER),
    (r"(GE?\.|.*\.)?initial_conv\.0\.weight", "lucidrains' lightweight-gan", _LATER),
    (r"(.*\.)?(feat_8|se_64|to_128)\..*", "FastGAN", _LATER),
    (r"(.*\.)?(scaleLayers|toRGBLayers)\..*", "a Progressive GAN of pytorch_GAN_zoo", _LATER),
    (r"(.*\.)?blocks\.0\.0\.bn1\.(gain|bias)\..*", "BigGAN", "It needs labels, which this version does not offer."),
    (r"(.*\.)?(label_emb|label_embedding|class_emb|embed|emb|linear_y)\.weight", "a network that needs labels",
     "This version only draws generators that take nothing but a latent."),
    (r"(.*\.)?(time_embed|time_embedding|time_mlp|temb)\..*", "a diffusion model", _GENERATOR),
    (r"(.*\.)?(embed_tokens|wte|lm_head|word_embeddings)\.weight", "a language model", _GENERATOR),
    (r"(.*\.)?(encoder|enc)\..*", "an autoencoder or a vision model with an encoder", _GENERATOR),
    (r"(.*\.)?layer[1-4]\.0\.conv1\.weight", "an image classifier (ResNet)", _GENERATOR),
    (r"(.*\.)?features\.0\.weight", "an image classifier (VGG, AlexNet or the like)", _GENERATOR),
)  # fmt: skip


def describe(state: State) -> tuple[str, str]:
    """(what it is, what to do), for a network that could not be recognised."""
    names = list(islice(state.tensors, 2000))
    for pattern, what, hint in _KNOWN:
        if any(map(re.compile(pattern).fullmatch, names)):
            return f"This is {what}.", hint
    shaped = [(name, tensor.shape) for name, tensor in state.tensors.items() if len(tensor.shape) >= 2]
    for test in (_classifier, _discriminator):
        if told := test(shaped):
            return told
    first, last = (f"{name} ({_words(shape)})" for name, shape in (shaped[0], shaped[-1])) if shaped else ("", "")
    if not shaped:
        return "The file holds tensors, but no network.", _GENERATOR
    if _makes_pictures(shaped[-1][1]):
        return (
            f"This may be a generator ({len(state.tensors)} tensors, {first} to {last}), but it is of no project that "
            "is known here, and weights alone do not tell how they are joined.",
            _NO_CODE,
        )
    return f"This is a network that is not known here ({len(state.tensors)} tensors, {first} to {last}).", _GENERATOR


_Shapes = list[tuple[str, tuple[int, ...]]]


def _classifier(shaped: _Shapes) -> tuple[str, str] | None:
    convolutions = [shape for _, shape in shaped if len(shape) == 4]
    if not shaped or not convolutions or len(shaped[-1][1]) != 2:
        return None
    (name, last), first = shaped[-1], convolutions[0]
    if first[1] in (1, 3, 4) and 1 < last[0] <= 22_000 and last[0] < last[1]:
        return (
            f"This is an image classifier: it turns pictures into {last[0]} numbers ({name}).",
            _GENERATOR,
        )
    return None


def _discriminator(shaped: _Shapes) -> tuple[str, str] | None:
    if len(shaped) < 2:
        return None
    first, (name, last) = shaped[0][1], shaped[-1]
    from_pictures = (len(first) == 4 and first[1] in (1, 3, 4)) or (len(first) == 2 and first[1] > 700)
    if from_pictures and last[0] == 1 and first[0] > 1:
        return f"This is a discriminator: it turns pictures into one number ({name}).", _GENERATOR
    return None


def _makes_pictures(shape: tuple[int, ...]) -> bool:
    return (len(shape) == 4 and (shape[0] in (1, 3, 4) or shape[1] in (1, 3, 4))) or (
        len(shape) == 2 and shape[0] > 700
    )


def _words(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
