"""A pile as users have it: people of the built-in data set hidden among other illustrated persons and other things.

Other persons come from the definitions in the package dicebear-styles; this draws them with a renderer of a few lines.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from gan.data.people import render
from gan.data.people.attributes import people
from gan.data.people.svg import Artwork

PERSONS = (
    *("adventurer", "avataaars", "big-ears", "big-smile", "cameo", "croodles", "dylan"),
    *("lorelei", "micah", "miniavs", "notionists", "personas", "toon-head"),
)
"""Styles that draw persons; ``open-peeps`` is left out, since ``people`` is made of it."""
THINGS = ("bottts", "disco", "fun-emoji", "rings", "shadows", "slice", "stack")


@cache
def _style(name: str) -> dict[str, Any]:
    style: dict[str, Any] = json.loads(files("dicebear_styles").joinpath(f"{name}.json").read_text("utf-8"))
    return style


def avatar(name: str, random: np.random.RandomState) -> str:
    """One picture of a DiceBear style as SVG, transparent where nothing is drawn."""
    style = _style(name)
    colours = {key: colour["values"][random.randint(len(colour["values"]))] for key, colour in style["colors"].items()}
    parts = {}
    for key, component in style["components"].items():
        variants = list(component["variants"].values())
        chosen = variants[random.randint(len(variants))]
        parts[key] = chosen["elements"] if random.rand() * 100 < component.get("probability", 100) else []

    def draw(element: dict[str, Any]) -> str:
        given = {key: _value(value, colours) for key, value in element.get("attributes", {}).items()}
        attributes = "".join(f" {key}={quoteattr(value)}" for key, value in given.items() if value is not None)
        inner = parts.get(element["name"], []) if element["type"] == "component" else element.get("children", [])
        tag = "g" if element["type"] == "component" else element["name"]
        return f"<{tag}{attributes}>{''.join(draw(child) for child in inner)}</{tag}>"

    canvas = style["canvas"]
    content = "".join(map(draw, canvas["elements"]))
    box = f"0 0 {canvas['width']} {canvas['height']}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" fill="none">{content}</svg>'


def _value(value: object, colours: dict[str, str]) -> str | None:
    if isinstance(value, dict):
        return colours.get(value.get("name", "")) if value.get("type") == "color" else None
    return str(value)


def blot(random: np.random.RandomState, size: int) -> np.ndarray:
    """What else lies about in a folder: shapes, noise, gradients like skies, blurred blobs -> (size, size, 3)."""
    kind = random.randint(4)
    if kind == 0:  # noise of some coarseness
        coarse = int(random.choice([4, 8, 24, size]))
        noise = random.randint(0, 256, (coarse, coarse, 3), np.uint8)
        return np.asarray(Image.fromarray(noise).resize((size, size), Image.Resampling.BICUBIC))
    if kind == 1:  # a gradient with grain, like a photograph of the sky
        ends = random.randint(0, 256, (2, 3))
        ramp = np.linspace(0, 1, size)[:, None, None]
        picture = ends[0] * (1 - ramp) + ends[1] * ramp + random.normal(0, 6, (size, size, 3))
        return np.clip(picture, 0, 255).astype(np.uint8)
    ground = "white" if random.rand() < 0.7 else tuple(random.randint(0, 256, 3).tolist())
    image = Image.new("RGB", (size, size), ground)
    pen = ImageDraw.Draw(image)
    for _ in range(random.randint(1, 7)):
        corner, extent = random.randint(-size // 4, size, 2), random.randint(size // 8, size, 2)
        box = (*corner.tolist(), *(corner + extent).tolist())
        colour = tuple(random.randint(0, 256, 3).tolist())
        (pen.ellipse if random.rand() < 0.5 else pen.rectangle)(box, fill=colour, outline="black")
    return np.asarray(image.filter(ImageFilter.GaussianBlur(3)) if kind == 3 else image)


def mixed(seed: int, wanted: int = 1000, others: int = 3000, size: int = 96) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 (n, size, size, 3) in random order, and what each is: "people", the name of a style, or "blot".

    Of the others, six in ten are persons of another style. All have the same size, so that size says nothing.
    """
    random = np.random.RandomState(seed)
    artwork = Artwork()
    pictures = [render(artwork.svg(person), size) for person in islice(people(1_000_000 + seed), wanted)]
    kinds = ["people"] * wanted
    for index in range(others):
        share = index / others
        styles = PERSONS if share < 0.6 else THINGS
        kinds.append("blot" if share >= 0.8 else styles[index % len(styles)])
        pictures.append(blot(random, size) if share >= 0.8 else render(avatar(kinds[-1], random), size))
    order = random.permutation(len(pictures))
    return np.stack(pictures)[order], np.array(kinds)[order]
