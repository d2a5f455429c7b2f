"""What several commands share."""

from __future__ import annotations

from gan.errors import UserError

MAX_COUNT = 100_000


def check_count(n: int, least: int = 1, most: int = MAX_COUNT) -> None:
    """Refuse a ``--n`` that makes no sense, or would only run into the memory's limits.

    Raises:
        UserError: ``n`` lies outside ``least`` ... ``most``.
    """
    if not least <= n <= most:
        raise UserError(f"--n lies between {least} and {most}, not {n}.")


def printable(text: str) -> str:
    """One line for a terminal: a checkpoint from elsewhere may hold control sequences, or what cannot be encoded."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
