"""What a person can look like, how often, and in which colours. Tuned by eye: change nothing here lightly.

The names of heads, expressions, accessories and beards are those of the drawings in ``open_peeps.json``.
"""

from __future__ import annotations

INK = "#3b2a25"

# name -> colour, weight
HAIR = {
    "black": ("#2f2622", 0.20),
    "darkbrown": ("#523829", 0.21),
    "brown": ("#83563a", 0.17),
    "auburn": ("#ad5c3c", 0.10),
    "caramel": ("#c98f52", 0.09),
    "blond": ("#e3bb6b", 0.09),
    "grey": ("#a9a49f", 0.06),
    "pink": ("#f09db0", 0.04),
    "blue": ("#7f9fd6", 0.04),
}
SKIN = {
    "s1": ("#ffe3d1", 0.24),
    "s2": ("#fbd2b6", 0.25),
    "s3": ("#f2be98", 0.18),
    "s4": ("#dca173", 0.13),
    "s5": ("#bd7f53", 0.09),
    "s6": ("#96603d", 0.07),
    "s7": ("#784b31", 0.04),
}
# skin -> colour of rosy cheeks on it
CHEEK = {
    "s1": "#fb8f9a",
    "s2": "#f98590",
    "s3": "#f17a80",
    "s4": "#e5686a",
    "s5": "#d25a57",
    "s6": "#c24f4b",
    "s7": "#b04743",
}
CLOTHES = {
    "red": "#ee6f66",
    "orange": "#f9a04f",
    "yellow": "#f7cb57",
    "green": "#86bd6c",
    "teal": "#71c5bb",
    "sky": "#73b9ea",
    "navy": "#56719f",
    "purple": "#ad90d6",
    "pink": "#f6a2c0",
    "grey": "#a3a8ae",
    "cream": "#efe6d2",
}
PATTERNS = {"plain": 0.55, "stripes": 0.22, "dots": 0.13, "collar": 0.10}

# kind of hair -> drawings of a head
HEADS = {
    "none": ["noHair1", "noHair2", "noHair3"],
    "short": [
        "afro",
        "bantuKnots",
        "dreads1",
        "dreads2",
        "flatTop",
        "flatTopLong",
        "grayShort",
        "mohawk",
        "pomp",
        "shaved1",
        "shaved2",
        "shaved3",
        "short1",
        "short2",
        "short3",
        "short4",
        "short5",
        "twists",
        "twists2",
    ],
    "medium": [
        "bangs",
        "bangs2",
        "medium1",
        "medium2",
        "medium3",
        "mediumBangs",
        "mediumBangs2",
        "mediumBangs3",
        "mediumStraight",
        "grayMedium",
    ],
    "long": ["long", "longBangs", "longCurly", "cornrows", "cornrows2"],
    "updo": ["bun", "bun2", "buns", "grayBun"],
    "covered": ["hatBeanie", "hatHip", "hijab", "turban"],
}
HEAD_WEIGHTS = {"none": 0.05, "short": 0.36, "medium": 0.27, "long": 0.14, "updo": 0.10, "covered": 0.08}

# name -> weight; does it smile, is the mouth open, are the eyes closed
EXPRESSIONS = {
    "smile": (0.25, 1, 0, 0),
    "cute": (0.11, 1, 0, 1),
    "calm": (0.17, 1, 0, 1),
    "cheeky": (0.04, 1, 0, 0),
    "driven": (0.02, 1, 0, 0),
    "contempt": (0.05, 1, 0, 1),
    "eatingHappy": (0.05, 1, 0, 1),
    "smileBig": (0.06, 1, 1, 1),
    "smileTeethGap": (0.03, 1, 1, 0),
    "smileLOL": (0.03, 1, 1, 1),
    "explaining": (0.09, 0, 1, 0),
    "solemn": (0.04, 0, 0, 1),
    "concerned": (0.03, 0, 1, 0),
    "blank": (0.03, 0, 0, 0),
}

GLASSES = ["glasses", "glasses2", "glasses3", "glasses4", "glasses5"]
SUNGLASSES = ["sunglasses", "sunglasses2"]
BEARDS = ["chin", "full", "full2", "full4", "goatee1", "goatee2"]
MOUSTACHES = ["moustache2", "moustache5", "moustache6", "moustache7", "moustache9"]
