from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_debugger.views.charts.curve import band, finite, means, span, value_at, window_of

series = st.integers(1, 400).flatmap(
    lambda n: st.tuples(
        st.just(np.arange(n, dtype=float)),
        st.lists(st.floats(-1e6, 1e6), min_size=n, max_size=n).map(np.array),
    )
)


@settings(deadline=None)
@given(series, st.integers(1, 50))
def test_the_band_keeps_every_peak(curve: tuple[np.ndarray, np.ndarray], columns: int) -> None:
    x, low, high = band(curve, curve[0][0], curve[0][-1], columns)
    assert len(x) <= columns and (np.diff(x) > 0).all()
    assert low.min() == curve[1].min() and high.max() == curve[1].max()
    assert (low <= high).all()


@settings(deadline=None)
@given(series, st.integers(1, 50), st.integers(1, 30))
def test_a_mean_lies_between_the_extremes(curve: tuple[np.ndarray, np.ndarray], columns: int, window: int) -> None:
    x, y = means(curve, curve[0][0], curve[0][-1], columns, window)
    assert len(x) == len(y) <= columns
    room = 1e-9 * max(1.0, float(np.abs(curve[1]).max()))
    assert (y >= curve[1].min() - room).all() and (y <= curve[1].max() + room).all()


def test_a_smoothed_curve_is_the_moving_average() -> None:
    rng = np.random.RandomState(0)
    x, y = np.arange(300.0), rng.standard_normal(300)
    shown, smooth = means((x, y), 0, 299, 1000, window=9)
    expected = [y[max(0, i - 4) : i + 5].mean() for i in range(300)]
    assert np.array_equal(shown, x)
    np.testing.assert_allclose(smooth, expected, atol=1e-12)


def test_one_absurd_value_does_not_drown_the_later_ones() -> None:
    x, y = np.arange(10_000.0), np.ones(10_000)
    y[3] = 1e300
    _, smooth = means((x, y), 5000, 9999, 100, window=50)
    np.testing.assert_allclose(smooth, 1.0)


def test_what_is_visible_does_not_depend_on_what_is_not() -> None:
    rng = np.random.RandomState(1)
    x, y = np.arange(100_000.0), rng.standard_normal(100_000)
    for left in (0.0, 50_000.0, 99_000.0):
        shown, low, high = band((x, y), left, left + 1000, 100)
        assert shown[0] >= left - 1 and low.min() >= y[max(0, int(left) - 1) :][:1002].min()
        assert high.max() <= y[max(0, int(left) - 1) :][:1003].max()


def test_gaps_are_left_out() -> None:
    x, y = finite(np.arange(4.0), np.array([1, np.nan, np.inf, 4]))
    assert x.tolist() == [0, 3] and y.tolist() == [1, 4]


def test_the_window_grows_with_the_slider_and_the_run() -> None:
    assert window_of(0, 10**6) == 1
    assert window_of(1, 1000) == 101
    assert window_of(0.5, 1000) < window_of(0.6, 1000) < window_of(0.6, 2000)


@pytest.mark.parametrize(("x", "value"), [(-5, 10), (0.4, 10), (0.6, 20), (99, 30)])
def test_the_value_at_the_cursor_is_that_of_the_nearest_point(x: float, value: float) -> None:
    assert value_at((np.array([0.0, 1.0, 2.0]), np.array([10.0, 20.0, 30.0])), x) == value


def test_nothing_is_nowhere() -> None:
    empty = (np.empty(0), np.empty(0))
    assert value_at(empty, 1) is None and span([empty], 0, 1) is None and span([], 0, 1) is None
    assert [len(part) for part in band(empty, 0, 1, 10)] == [0, 0, 0]
    assert [len(part) for part in means(empty, 0, 1, 10, 5)] == [0, 0]


def test_the_span_leaves_outliers_out_and_a_little_room() -> None:
    x, y = np.arange(1000.0), np.linspace(0, 1, 1000)
    y[500] = 1e9
    low, high = span([(x, y)], 0, 999)  # type: ignore[misc]
    assert -0.2 < low < 0.05 and 0.95 < high < 1.2
    constant = span([(x, np.full(1000, 5.0))], 0, 999)
    assert constant is not None and constant[0] < 5 < constant[1]


@pytest.mark.parametrize("sign", [1, -1])
def test_the_span_keeps_a_narrow_peak_that_does_not_flatten_the_rest(sign: int) -> None:
    x, y = np.arange(1000.0), np.linspace(0, 1, 1000)
    y[500:505] = sign * 1.5
    low, high = span([(x, y)], 0, 999)  # type: ignore[misc]
    assert low <= y.min() and high >= y.max()


def test_what_cannot_be_drawn_is_a_gap() -> None:
    x, y = finite(np.arange(6.0), np.array([1.0, np.nan, np.inf, 1e308, -1e308, 2.0]))
    assert x.tolist() == [0, 5] and y.tolist() == [1, 2]


def test_what_is_never_negative_has_no_negative_axis() -> None:
    steps = np.arange(10.0)
    for values in (np.zeros(10), np.linspace(0, 1, 10), np.full(10, 0.02)):
        low, high = span([(steps, values)], 0, 9)
        assert -0.05 * (high - low) < low < values.min() and high > values.max()
    low, high = span([(steps, -steps)], 0, 9)
    assert low < -9 and high > 0
