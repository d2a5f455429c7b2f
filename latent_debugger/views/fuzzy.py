"""Finding a command by a few of its letters."""

from __future__ import annotations

IN_A_ROW, WORD_START, ANYWHERE = 2.0, 3.0, 1.0


def score(query: str, text: str) -> float | None:
    """How well ``query`` fits ``text``, larger is better; None where it does not fit at all.

    Every letter must occur, in the same order; case, and spaces in the query, do not matter. Letters in a row count
    more, and so do letters that start a word: ``sp`` finds "Save picture" before "Follow the desktop".
    """
    wanted, line = "".join(query.casefold().split()), text.casefold()
    ends: dict[int, float] = {-2: 0.0}  # the best score of the letters so far, by where the last of them stands
    for letter in wanted:
        ends = {
            here: (WORD_START if here == 0 or not line[here - 1].isalnum() else ANYWHERE)
            + max(so_far + IN_A_ROW * (before == here - 1) for before, so_far in ends.items() if before < here)
            for here in range(len(line))
            if line[here] == letter and min(ends) < here
        }
        if not ends:
            return None
    return max(ends.values()) - len(line) / 1000  # of two that fit alike, the shorter one is nearer
