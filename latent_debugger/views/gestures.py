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
        ("Pictures over its range", "Rest the pointer, F3"),
    ),
    "On a neighbour": (
        ("Go there", "Click, Return"),
        ("Star it", "Click its star, Space"),
        ("See it large", "Rest the pointer"),
        ("Default σ", "Double click on the slider of σ"),
    ),
    "On a star": (
        ("Go there", "Double click, Return"),
        ("Rate it", "0 to 5"),
        ("See it large", "Rest the pointer"),
        ("Select several", "Ctrl+click, Shift+click"),
        ("Another place", "Drag, Alt+Up, Alt+Down"),
        ("Save as a picture", "Drag it out of the window"),
    ),
    "On a path": (
        ("Play, or pause", "Space"),
        ("Back to before the play", "Esc"),
        ("Go to a key frame", "Double click, Return"),
        ("Another place", "Drag, Alt+Left, Alt+Right"),
        ("Take it out", "Del"),
        ("Look at a cliff", "Click the curve"),
    ),
    "In Projection and Copy check": (
        ("Search for a picture", "Drop it on Projection"),
        ("Go to a result", "Double click, Return"),
        ("Choose training pictures", "Drop them on Copy check"),
        ("See a pair large", "Click, Return"),
        ("Stop what is under way", "Esc"),
    ),
    "Everywhere": (
        ("Open a file", "Drop it on the window"),
        ("Leave a field", "Esc"),
        ("Change a field by wheel", "Click it first"),
    ),
}
"""Title of a section: what happens, and how."""
