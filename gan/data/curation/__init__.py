"""Curation without a window: look through a pile of pictures, score them, learn what the user keeps."""

from gan.data.curation.collection import Collection, scan
from gan.data.curation.decisions import apply_manifest, decisions_to_manifest
from gan.data.curation.ranking import Ranking, accept_top, next_to_ask, rank
from gan.data.curation.scores import SCORES, ScoreInfo

__all__ = [
    "SCORES",
    "Collection",
    "Ranking",
    "ScoreInfo",
    "accept_top",
    "apply_manifest",
    "decisions_to_manifest",
    "next_to_ask",
    "rank",
    "scan",
]
