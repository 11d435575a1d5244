"""The measuring of curves and intervals, held against values that can be worked out by hand."""
import curves
import measure
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


def a_result(**changes):
    """Figures that meet every goal, at the edge."""
    curve = [{"stranger": stranger, "method": "Tocsin", f"{challenged:.0%}": (least, 0.0, 1.0)}
             for stranger, challenged, least in measure.CURVE_GOALS]
    result = {"curve": curve, "thousand_account_days": 100, "attacks": {"login_cases": 80 * measure.STREAMS_OF_ALL},
              "money": {measure.MONEY_RISK: {"alerts": 400, "alerts_right": 388, "found": 24, "attacks": 100}},
              "week_late": {"with": {"alerts": 400, "right": 300, "found": 65, "attacks": 100}}}
    result.update(changes)
    return result


def missed(result):
    return [goal for goal, _, met in measure.goals(result) if not met]


def test_goals_are_met_at_their_edge():
    assert missed(a_result()) == []


def test_each_goal_can_be_missed():
    for at, goal in enumerate(measure.CURVE_GOALS):
        result = a_result()
        result["curve"][at][f"{goal[1]:.0%}"] = (goal[2] - 0.01, 0.0, 1.0)
        assert missed(result) == [f"`{goal[0]}` {goal[2]:.2f} at {goal[1]:.0%}"]
    assert missed(a_result(attacks={"login_cases": 80 * measure.STREAMS_OF_ALL + 1}))[0].startswith("login cases")
    money = a_result()["money"][measure.MONEY_RISK]
    for change in ({"alerts_right": 387}, {"found": 23}, {"alerts": 401, "alerts_right": 400}):
        assert missed(a_result(money={measure.MONEY_RISK: money | change}))[0].startswith("money: precision")
    late = a_result()["week_late"]["with"]
    for change in ({"found": 64}, {"alerts": 401}):
        assert missed(a_result(week_late={"with": late | change}))[0].startswith("money with fraud labels")


def test_only_what_is_measured_is_written(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nb\n<!-- young: begin -->\nold\n<!-- young: end -->\nc\n")
    measure.write(page, "young", "new\n")
    assert page.read_text() == "a\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nb\n<!-- young: begin -->\nnew\n<!-- young: end -->\nc\n"
