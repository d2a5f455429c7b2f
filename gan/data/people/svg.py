"""The Open Peeps drawings (Pablo Stanley, CC0 1.0), edited once, then assembled into one SVG for each person.

A drawing is kept as SVG text in which ``{hair}`` stands for the colour of that name, so that assembling is
formatting. See ``open_peeps.txt`` for source and licence.
"""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any
from xml.sax.saxutils import quoteattr

from gan.data.people.attributes import Person

SHA256 = "1d93f30c5c0be8282225533e2eb3d6b32eb30cba6408f3e04604df093b2b1cf5"
ZOOM = 0.85  # the drawing goes on below its canvas: a zoom under 1 shows more of the shirt

# Above the skin, below the hair.
_CHEEKS = (
    '<ellipse cx="366" cy="499" rx="31" ry="22" fill="{cheek}" opacity=".55"/>'
    '<ellipse cx="541" cy="499" rx="23" ry="21" fill="{cheek}" opacity=".55"/>'
)
_SOFT = 'fill="#fff" opacity=".62"'
_PATTERNS = {
    "stripes": "".join(f'<rect x="-120" y="{y}" width="1000" height="26" {_SOFT}/>' for y in range(628, 1240, 62)),
    "dots": "".join(
        f'<circle cx="{x + row % 2 * 44}" cy="{y}" r="17" {_SOFT}/>'
        for row, y in enumerate(range(622, 1240, 52))
        for x in range(-120, 880, 88)
    ),
    "collar": '<path d="M196 560 L300 800 L386 690 L474 800 L566 560 Z" fill="#fff" opacity=".85"/>',
}


def load_artwork() -> dict[str, Any]:
    """The vendored drawings.

    Raises:
        RuntimeError: the file is not the one this catalogue was made for.
    """
    data = files("gan.data").joinpath("open_peeps.json").read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise RuntimeError("gan/data/open_peeps.json was changed: its sha256 is not the one it was shipped with.")
    artwork: dict[str, Any] = json.loads(data)
    return artwork


class Artwork:
    """Turns a :class:`Person` into SVG text."""

    def __init__(self) -> None:
        artwork = load_artwork()
        self._size = artwork["canvas"]["width"]
        self._canvas = artwork["canvas"]["elements"]
        self._parts = {
            component: {
                name: list(map(_template, drawing["elements"])) for name, drawing in content["variants"].items()
            }
            for component, content in artwork["components"].items()
        }
        self._body, self._shirt, outline = (_template(element) for element in self._canvas[:3])
        self._outline = outline.replace('fill="black"', 'fill="{ink}"')
        self._layers = [(e["name"], e["attributes"]["transform"]) for e in self._canvas[3:]]
        self._edit_heads()
        for elements in self._parts["facialHair"].values():
            elements[:] = [element.replace("{ink}", "{hair}") for element in elements]
        self._patterns = self._clip_patterns(self._canvas[1]["attributes"]["d"])

    def svg(self, person: Person) -> str:
        """The whole picture of one person, transparent where nothing is drawn."""
        pattern = person.parts.get("pattern")
        drawing = [self._body, self._shirt, self._patterns[pattern] if pattern else "", self._outline]
        for component, transform in self._layers:
            if variant := person.parts.get(component):
                drawing += [f'<g transform="{transform}">', *self._parts[component][variant], "</g>"]
        size = self._size
        zoom = f"translate({size * (1 - ZOOM) / 2:.2f} {size * 0.075:.2f}) scale({ZOOM})"
        content = "".join(drawing).format_map(person.colours)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
            f'<g transform="{zoom}">{content}</g></svg>'
        )

    def _edit_heads(self) -> None:
        """Hair and hats get colours of their own, faces get cheeks."""
        ink = {"hatHip": "{hatink}", "hijab": "{hatink}", "turban": "{ink}", "noHair1": "{ink}", "noHair2": "{ink}"}
        for name, elements in self._parts["head"].items():
            colour = ink.get(name, "{hair}")
            elements[:] = [element.replace("{clothing}", "{hat}").replace("{ink}", colour) for element in elements]
            elements.insert(1, _CHEEKS)

    def _clip_patterns(self, shirt: str) -> dict[str, str]:
        """The shirt's patterns, cut to the outline ``shirt``."""
        mask = (
            '<mask id="m" maskUnits="userSpaceOnUse" x="-120" y="500" width="1000" height="800">'
            f'<path d="{shirt}" fill="#fff" fill-rule="evenodd"/></mask>'
        )
        return {name: f'{mask}<g mask="url(#m)">{shapes}</g>' for name, shapes in _PATTERNS.items()}


def _template(element: dict[str, Any]) -> str:
    """One element of the artwork's JSON as SVG text, its named colours as ``{name}``."""
    attributes = "".join(
        f" {key}={quoteattr('{' + value['name'] + '}' if isinstance(value, dict) else value)}"
        for key, value in element["attributes"].items()
    )
    children = "".join(_template(child) for child in element.get("children", ()))
    return f"<{element['name']}{attributes}>{children}</{element['name']}>"
