"""Drawing lots: which person comes next.

The order of the random draws is part of the data set: moving one changes every later person of every seed.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from gan.data.people import catalogue as c

COLUMNS = [
    "file",
    "index",
    "hair_kind",
    "hair",
    "hair_color",
    "hair_hex",
    "skin",
    "skin_hex",
    "expression",
    "smile",
    "mouth_open",
    "eyes_closed",
    "glasses",
    "sunglasses",
    "accessory",
    "facial_hair",
    "beard",
    "moustache",
    "cheeks",
    "hat",
    "clothes_pattern",
    "clothes_color",
    "clothes_hex",
    "hat_hex",
    "skin_lum",
    "hair_lum",
    "clothes_hue",
]
Value = str | int | float


@dataclass(frozen=True)
class Person:
    """One person before it is drawn.

    Attributes:
        parts: component of the drawing -> its variant; absent components are left out.
        colours: name of a colour in the drawing -> "#rrggbb".
        attributes: the row of ``attributes.csv``, without ``file`` and ``index``.
    """

    parts: dict[str, str]
    colours: dict[str, str]
    attributes: dict[str, Value]

    @property
    def look(self) -> tuple[Value, ...]:
        """What makes two people different at a glance; the jitter of the colours does not."""
        names = "hair hair_color skin expression accessory facial_hair clothes_pattern clothes_color cheeks"
        return tuple(self.attributes[name] for name in names.split())


def people(seed: int) -> Iterator[Person]:
    """Endlessly many people, no two of the same look; the same ones for the same seed."""
    rng = np.random.default_rng(seed)
    seen = set()
    while True:
        person = draw_person(rng)
        if person.look not in seen:
            seen.add(person.look)
            yield person


def draw_person(rng: np.random.Generator) -> Person:
    """Draw one person from the catalogue."""
    kind = _pick(rng, c.HEADS, c.HEAD_WEIGHTS.values())
    head = _pick(rng, c.HEADS[kind])
    skin = _pick(rng, c.SKIN, (weight for _, weight in c.SKIN.values()))
    hair = _pick(rng, c.HAIR, (weight for _, weight in c.HAIR.values()))
    if head == "noHair3" and rng.random() < 0.5:
        hair = "grey"
    expression = _pick(rng, c.EXPRESSIONS, (row[0] for row in c.EXPRESSIONS.values()))
    accessory = _pick_accessory(rng)
    facial_hair = ""
    if kind in ("short", "none") and rng.random() < 0.28:
        facial_hair = _pick(rng, c.BEARDS + c.MOUSTACHES)
    pattern = _pick(rng, c.PATTERNS, c.PATTERNS.values())
    clothes = _pick(rng, c.CLOTHES)
    hat = _pick(rng, (name for name in c.CLOTHES if name not in (clothes, "cream")))
    cheeks = int(rng.random() < 0.85)

    skin_hex = _jitter(rng, c.SKIN[skin][0], 0.006, 0.03, 0.02)
    hair_hex = _jitter(rng, c.HAIR[hair][0], 0.012, 0.05, 0.035)
    clothes_hex = _jitter(rng, c.CLOTHES[clothes], 0.015, 0.05, 0.035)
    hat_hex = _jitter(rng, c.CLOTHES[hat], 0.015, 0.05, 0.035)

    parts = {
        "head": head,
        "expression": expression,
        "facialHair": facial_hair,
        "accessories": accessory,
        "pattern": "" if pattern == "plain" else pattern,
    }
    colours = {
        "ink": c.INK,
        "skin": skin_hex,
        "hair": hair_hex,
        "headContrast": hair_hex,
        "clothing": clothes_hex,
        "hat": hat_hex,
        "hatink": _darker(hat_hex),
        "cheek": c.CHEEK[skin] if cheeks else skin_hex,
    }
    _, smile, mouth_open, eyes_closed = c.EXPRESSIONS[expression]
    attributes: dict[str, Value] = {
        "hair_kind": kind,
        "hair": head,
        "hair_color": hair,
        "hair_hex": hair_hex,
        "skin": skin,
        "skin_hex": skin_hex,
        "expression": expression,
        "smile": smile,
        "mouth_open": mouth_open,
        "eyes_closed": eyes_closed,
        "glasses": int(accessory in c.GLASSES),
        "sunglasses": int(accessory in c.SUNGLASSES),
        "accessory": accessory,
        "facial_hair": facial_hair,
        "beard": int(facial_hair in c.BEARDS),
        "moustache": int(facial_hair in c.MOUSTACHES),
        "cheeks": cheeks,
        "hat": int(kind == "covered"),
        "clothes_pattern": pattern,
        "clothes_color": clothes,
        "clothes_hex": clothes_hex,
        "hat_hex": hat_hex if kind == "covered" or head in ("bun", "bun2") else "",
        "skin_lum": _luminance(skin_hex),
        "hair_lum": _luminance(hair_hex),
        "clothes_hue": _hue(clothes_hex),
    }
    return Person({component: variant for component, variant in parts.items() if variant}, colours, attributes)


def _pick(rng: np.random.Generator, names: Iterable[str], weights: Iterable[float] | None = None) -> str:
    names = list(names)
    if weights is None:
        return names[int(rng.choice(len(names)))]
    p = np.array(list(weights))
    return names[int(rng.choice(len(names), p=p / p.sum()))]


def _pick_accessory(rng: np.random.Generator) -> str:
    draw = rng.random()
    if draw < 0.24:
        return _pick(rng, c.GLASSES)
    if draw < 0.28:
        return _pick(rng, c.SUNGLASSES)
    return ""


def _jitter(rng: np.random.Generator, colour: str, hue: float, saturation: float, value: float) -> str:
    """``colour`` moved a little; the arguments are standard deviations, all of a range of 1."""
    h, s, v = colorsys.rgb_to_hsv(*_rgb(colour))
    h = (h + rng.normal(0, hue)) % 1
    s = float(np.clip(s + rng.normal(0, saturation), 0, 1))
    v = float(np.clip(v + rng.normal(0, value), 0, 1))
    return _hex(round(x * 255) for x in colorsys.hsv_to_rgb(h, s, v))


def _darker(colour: str) -> str:
    return _hex(int(int(colour[i : i + 2], 16) * 0.72) for i in (1, 3, 5))


def _luminance(colour: str) -> float:
    r, g, b = _rgb(colour)
    return round(0.2126 * r + 0.7152 * g + 0.0722 * b, 4)


def _hue(colour: str) -> float:
    return round(colorsys.rgb_to_hsv(*_rgb(colour))[0], 4)


def _rgb(colour: str) -> tuple[float, float, float]:
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return r, g, b


def _hex(channels: Iterable[int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)
