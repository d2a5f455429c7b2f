"""Stars as labels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gan.latent.draws import draw
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.direction_labels import attributes, clean_attribute, labels, tagging
from latent_debugger.state.latent import Origin
from latent_debugger.state.model import OpenModel


def star(model: OpenModel, seed: int, *tags: str) -> Bookmark:
    made = Bookmark.new(
        draw(1, model.dim, seed)[0], model=model, origin=Origin(), name="s", thumbnail=b"", position=float(seed)
    )
    return replace(made, tags=tags)


def test_stars_are_sorted_by_sign(model: OpenModel) -> None:
    other = replace(model, run="elsewhere")
    stars = [
        star(model, 0, "glasses+", "nice"),
        star(model, 1, "glasses-"),
        star(model, 2, "glasses−"),
        star(model, 3, "glasses+", "glasses-"),
        star(model, 4, "hat+"),
        star(other, 5, "glasses+"),
        star(replace(model, dim=3), 6, "glasses-"),
    ]
    found = labels(stars, "glasses", model)
    assert [item.id for item in found.plus] == [stars[0].id]
    assert [item.id for item in found.minus] == [stars[1].id, stars[2].id]
    assert (found.foreign, found.both) == (2, 1)
    assert "2 stars of other models are left out" in found.remark and "at once" in found.remark
    plus, minus = found.latents()
    assert plus.shape == (1, model.dim) and minus.shape == (2, model.dim)
    assert attributes(stars) == ["glasses", "hat"]
    assert labels(stars, "", model) == labels(stars, "glasses", None) == labels([], "x", model)
    assert labels([], "x", model).remark == ""


@pytest.mark.parametrize(
    ("typed", "meant"), [(" long  hair ", "long hair"), ("hat+", "hat"), ("a,b", "a b"), ("−", ""), ("x-", "x")]
)
def test_names_fit_into_tags(typed: str, meant: str) -> None:
    assert clean_attribute(typed) == meant


def test_tagging_replaces_the_other_sign_and_takes_itself_back(model: OpenModel) -> None:
    stars = [star(model, 0, "hat−"), star(model, 1)]
    tagged = tagging(stars, "hat", "+").applied(stars)
    assert [item.tags for item in tagged] == [("hat+",), ("hat+",)]
    assert [item.tags for item in tagging(tagged, "hat", "+").applied(tagged)] == [(), ()]
    turned = tagging(tagged, "hat", "-").applied(tagged)
    assert [item.tags for item in turned] == [("hat-",), ("hat-",)]
