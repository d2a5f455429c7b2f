from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_debugger.views.fuzzy import score

NAMES = ("Save picture", "Reset layout", "Sample neighbours", "Open checkpoint", "Keyboard shortcuts", "Smooth picture")


@pytest.mark.parametrize(
    ("query", "first"),
    [("sp", "Save picture"), ("SAMPLE", "Sample neighbours"), ("keysh", "Keyboard shortcuts"),
     ("op ch", "Open checkpoint"), ("smoo", "Smooth picture"), ("layout", "Reset layout")],
)  # fmt: skip
def test_the_best_fit_comes_first(query: str, first: str) -> None:
    found = [(score(query, name), name) for name in NAMES]
    assert max((fit, name) for fit, name in found if fit is not None)[1] == first


def test_what_does_not_fit_is_left_out() -> None:
    assert score("xyz", "Save picture") is None
    assert score("es", "Save") is None, "the order counts"
    assert score("a", "") is None
    assert score("", "Save") is not None and score("  ", "") is not None


@given(text=st.text(max_size=30), data=st.data())
def test_any_letters_in_order_fit(text: str, data: st.DataObject) -> None:
    places = data.draw(st.sets(st.integers(0, max(0, len(text) - 1)))) if text else set()
    query = "".join(text[i] for i in sorted(places))
    assert score(query, text) is not None
    assert score(query.upper().lower(), text.casefold()) is None or score(query, text) is not None


@given(query=st.text(min_size=1, max_size=5), text=st.text(max_size=30))
def test_a_fit_holds_every_letter(query: str, text: str) -> None:
    if score(query, text) is not None:
        rest = iter(text.casefold())
        assert all(letter in rest for letter in "".join(query.casefold().split()))


@given(text=st.text(min_size=1, max_size=20).filter(lambda text: text.strip()))
def test_the_whole_name_beats_its_letters_apart(text: str) -> None:
    apart = "-".join(text)
    whole, scattered = score(text, text), score(text, apart)
    assert whole is not None and scattered is not None
