"""What mouse, wheel and plain keys do where they are used: what no menu can tell."""

from __future__ import annotations

GESTURES: dict[str, tuple[tuple[str, str], ...]] = {
    "On a slider": (
        ("Set the value", "Drag, or click the scale"),
        ("Small steps", "Arrow keys, wheel"),
        ("Large steps", "Shift+arrow keys, Shift+wheel"),
        ("Next dimension", "Ctrl+arrow keys"),
        ("Back to zero", "Double click"),
        ("Lock, pin, hide", "Right click"),
    ),
    "On a neighbour": (
        ("Go there", "Click, Return"),
        ("Star it", "Click its star, Space"),
        ("Default σ", "Double click on the slider of σ"),
    ),
    "On a star": (
        ("Go there", "Double click, Return"),
        ("Rate it", "0 to 5"),
        ("Select several", "Ctrl+click, Shift+click"),
        ("Another place", "Drag, Alt+Up, Alt+Down"),
        ("Save as a picture", "Drag it out of the window"),
    ),
    "Everywhere": (
        ("Open a file", "Drop it on the window"),
        ("Leave a field", "Esc"),
        ("Change a field by wheel", "Click it first"),
    ),
}
"""Title of a section: what happens, and how."""
