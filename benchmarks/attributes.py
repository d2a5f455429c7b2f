"""Does an attribute direction move its own attribute? ``python benchmarks/attributes.py [--json FILE]``.

The question of issue 5. Two networks that learnt four attributes from real people (:mod:`benchmarks.attribute_judge`)
stand in for the user. The *tagger* labels stars + and -. The *judge*, which began with other weights and learnt from
other pictures, tells how far each attribute moved; so a direction gets no credit for the tagger's own mistakes.

For each seed 400 people are drawn; of these the 30 with the highest and the 30 with the lowest logit are the stars
("clear"), or the first 60 as the tagger sees them, however mixed ("plain"). Other people are then moved by -k and by +k
standard deviations; the change of a logit between the two is told in standard deviations of that logit over people as
they are drawn. Not part of run.py: it takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from benchmarks import strips  # noqa: E402
from benchmarks.attribute_judge import ATTRIBUTES, HELD_OUT, Judge, Trust, correlations, read, train, trust  # noqa: E402
from gan.errors import UserError  # noqa: E402
from gan.images import Bytes, Floats  # noqa: E402
from gan.instruments.directions import attribute  # noqa: E402
from gan.latent.directions import Direction, orthogonal_to  # noqa: E402
from gan.latent.draws import draw  # noqa: E402
from gan.rendering import Renderer, open_renderer  # noqa: E402

CANDIDATES, EACH = 400, 30
EPOCHS = 8  # of the tagger; the judge begins with nothing and takes twice as many
STEPS = (2.0, 3.0)
_STARS, _JUDGED, _POPULATION, _SHOWN = 100, 900, 500, 7  # seeds of the draws, so that no latent serves twice


def main() -> None:
    """Fit the judge, learn directions from several sets of stars, tell what they move."""
    parser = argparse.ArgumentParser(description="Judge attribute directions of a model by real people's attributes.")
    parser.add_argument("--model", type=Path, default=ROOT / "checkpoints" / "people64")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "people")
    parser.add_argument("--seeds", type=int, default=5, help="sets of stars")
    parser.add_argument("--people", type=int, default=60, help="people moved along each direction")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there, too")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write a contact sheet of directions, too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    console, began = Console(width=140), time.perf_counter()
    try:
        renderer = open_renderer(options.model, "cpu")
        images, labels = read(options.data)
    except (UserError, OSError) as error:
        sys.exit(str(error))
    with Console(stderr=True).status("Fitting tagger and judge"):
        tagger, judge, trusted = fit(images, labels)
    drawn = judge.scores(renderer.pixels(draw(1000, renderer.dim, _POPULATION)))
    spread, shares = drawn.std(0), (drawn > 0).mean(0)
    console.print(known(trusted, np.nanmean(labels, 0), shares))
    report: dict[str, Any] = {who: {name: vars(one[name]) for name in ATTRIBUTES} for who, one in trusted.items()}
    report |= {"shares_drawn": shares.tolist(), "correlations_real": correlations(labels).tolist()}
    report |= {"correlations_drawn": np.corrcoef(drawn.T).tolist()}

    people, first = draw(options.people, renderer.dim, _JUDGED), []
    for stars in ("clear", "plain"):
        learnt = [learn(tagger, renderer, seed, stars) for seed in range(options.seeds)]
        first = first or learnt[0]
        report[f"{stars}.accuracy"] = [[found.accuracy for found in one] for one in learnt]
        report[f"{stars}.cosines"] = np.mean([gram(one) for one in learnt], 0).tolist()
        for way in ("as learnt", "orthogonalised"):
            used = [apart(one) for one in learnt] if way == "orthogonalised" else learnt
            for k in STEPS:
                with Console(stderr=True).status(f"{stars} stars, {way}, ±{k:g}"):
                    moved = [moves(judge, renderer, one, people, k) for one in used]
                changes = np.stack([change for change, _ in moved]) / spread  # (seeds, direction, attribute)
                having = np.stack([share for _, share in moved])  # (seeds, direction, attribute, [-k, +k])
                report[f"{stars}.{way}.{k:g}"] = {"changes": changes.tolist(), "shares": having.tolist()}
                console.print(table(f"{stars} stars, {way}, from -{k:g} to +{k:g}", changes, having))
    report["chance"] = chance(judge, renderer, people, spread)
    console.print(f"random directions, -2 to +2: mean size of the change {report['chance']}", highlight=False)
    console.print(f"{time.perf_counter() - began:.0f} s", highlight=False)
    if options.json is not None:
        options.json.write_text(json.dumps(report) + "\n")
    if options.picture is not None:
        shown, steps = draw(4, renderer.dim, _SHOWN), range(-3, 4)
        blocks = [
            (f"{found.name}: -3, -2 … +3 standard deviations", strips.strip(renderer, shown, found.vector, steps))
            for found in first
        ]
        strips.save(options.picture, strips.page(blocks, 2))


def fit(images: Bytes, labels: Floats) -> tuple[Judge, Judge, dict[str, dict[str, Trust]]]:
    """Tagger and judge, from pictures of which none is shared, and how well each tells pictures that neither saw."""
    even, odd, held_out = slice(0, -HELD_OUT, 2), slice(1, -HELD_OUT, 2), slice(-HELD_OUT, None)
    tagger = train(np.asarray(images[even]), labels[even], EPOCHS)
    judge = train(np.asarray(images[odd]), labels[odd], 2 * EPOCHS, seed=1, afresh=True)
    unseen = np.asarray(images[held_out])
    both = {"tagger": tagger, "judge": judge}
    return tagger, judge, {who: trust(one, unseen, labels[held_out]) for who, one in both.items()}


def known(trusted: dict[str, dict[str, Trust]], real: Floats, drawn: Floats) -> Table:
    """How well each attribute is told, and how many people have it, real ones and drawn ones."""
    found = Table("", "tagger: AUC", "accuracy", "judge: AUC", "accuracy", "real people", "drawn people", box=None)
    for column, name in enumerate(ATTRIBUTES):
        figures = [value for one in trusted.values() for value in (one[name].auc, one[name].accuracy)]
        found.add_row(name, *(f"{value:.3f}" for value in (*figures, real[column], drawn[column])))
    return found


def learn(tagger: Judge, renderer: Renderer, seed: int, stars: str) -> list[Direction]:
    """A direction for each attribute from at most 60 labelled people of one draw."""
    latents = draw(CANDIDATES, renderer.dim, _STARS + seed)
    if stars == "plain":
        latents = latents[: 2 * EACH]
    scores = tagger.scores(renderer.pixels(latents))
    found = []
    for column, name in enumerate(ATTRIBUTES):
        order = np.argsort(scores[:, column])
        low, high = order[:EACH], order[-EACH:]
        if stars == "plain":
            low, high = np.flatnonzero(scores[:, column] <= 0), np.flatnonzero(scores[:, column] > 0)
        found.append(attribute(name, latents[high], latents[low]))
    return found


def apart(found: list[Direction]) -> list[Direction]:
    """Each without what it shares with the three others, as locking them does."""
    return [orthogonal_to(one, [other for other in found if other is not one]) for one in found]


def gram(found: list[Direction]) -> Floats:
    """(4, 4) cosines between directions."""
    vectors = np.stack([one.vector for one in found])
    return vectors @ vectors.T


def moves(judge: Judge, renderer: Renderer, found: list[Direction], people: Floats, k: float) -> tuple[Floats, Floats]:
    """What each direction does to each attribute.

    Returns:
        (4, 4) mean change of each logit between -k and +k; (4, 4, 2) share of people with the attribute at -k and +k.
    """
    changes, shares = [], []
    for one in found:
        low, high = (judge.scores(renderer.pixels(people + np.float32(way * k) * one.vector)) for way in (-1, 1))
        changes.append((high - low).mean(0))
        shares.append(np.stack([(low > 0).mean(0), (high > 0).mean(0)], axis=1))
    return np.stack(changes), np.stack(shares)


def chance(judge: Judge, renderer: Renderer, people: Floats, spread: Floats, n: int = 10) -> list[float]:
    """Mean size of the change of each attribute between -2 and +2 along directions that nobody learnt."""
    vectors = draw(n, renderer.dim, 1234)
    random = [Direction("", vector / np.linalg.norm(vector), "file") for vector in vectors]
    changes, _ = moves(judge, renderer, random, people[:40], 2.0)
    return [round(float(value), 3) for value in np.abs(changes / spread).mean(0)]


def table(title: str, changes: Floats, having: Floats) -> Table:
    """Mean over seeds ± standard deviation between seeds; the own attribute's share at both ends; how often it is
    the attribute that moves most, and by how much more than the next."""
    found = Table("", *ATTRIBUTES, "own: share", "own first", "least lead", box=None, title=title, title_justify="left")
    for row, name in enumerate(ATTRIBUTES):
        cells = [f"{changes[:, row, j].mean():+.2f} ± {changes[:, row, j].std(ddof=1):.2f}" for j in range(4)]
        others = np.abs(np.delete(changes[:, row], row, axis=1)).max(1)
        first = int((changes[:, row, row] > others).sum())
        low, high = having[:, row, row].mean(0)
        lead = float((changes[:, row, row] / others).min())
        found.add_row(name, *cells, f"{low:.0%} → {high:.0%}", f"{first} of {len(changes)}", f"{lead:.1f}x")
    return found


if __name__ == "__main__":
    main()
