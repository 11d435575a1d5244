"""The measuring of curves and intervals, held against values that can be worked out by hand."""
import curves
import pytest
from intervals import wilson


def test_all_strangers_above_all_honest():
    assert curves.found_at(range(100), [200, 300], 0.01) == 2
    assert curves.area(range(100), [200, 300]) == 1


def test_equal_scores_are_challenged_by_lot():
    assert curves.found_at([1.0] * 100, [1.0] * 10, 0.05) == pytest.approx(0.5)
    assert curves.area([1.0] * 100, [1.0] * 10) == 0.5


def test_the_line_is_where_the_share_of_honest_ones_is():
    honest = list(range(100))
    assert curves.found_at(honest, [98.5, 99.5, 94.5], 0.01) == 2   # 99 alone is challenged; what lies above 98 is above the line
    assert curves.found_at(honest, [94.5, 93.5], 0.05) == 1


@pytest.mark.parametrize("part, whole, low, high", [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)])
def test_wilson(part, whole, low, high):
    assert wilson(part, whole) == pytest.approx((low, high), abs=5e-4)


def test_wilson_of_nothing_is_everything():
    assert wilson(0, 0) == (0.0, 1.0)
