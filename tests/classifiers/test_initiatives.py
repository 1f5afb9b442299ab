"""Which initiatives come first, how sure that is, and the register that they are read from."""

import doctest
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.assessing.instrument import read_instrument
from classifiers.improving import criteria, initiatives
from classifiers.improving.criteria import CRITERION_CODES, read_criteria
from classifiers.improving.initiatives import GATE, UNIFORM, Initiative, Scoring, rank_initiatives
from classifiers.improving.initiatives_file import read_register, register_template
from classifiers.sheet import SheetError

HEADER = "organization,initiative,value,impact,innovation,investment"
KNOWN = ("council", "museum")
PLANNING = (1.0, 0, 0, 0, 0, 0)
SCORE = st.integers(0, 4)


def test_examples_in_the_documentation_hold():
    assert doctest.testmod(initiatives).failed == doctest.testmod(criteria).failed == 0


def test_weights_of_each_stage_sum_to_one_and_each_score_has_an_anchor():
    shipped = read_criteria()
    assert sorted(shipped.weights) == [1, 2, 3, 4, 5, 6]
    assert shipped.weight_rows().sum(axis=1) == pytest.approx(np.ones(6))
    assert [one.code for one in shipped.criteria] == list(CRITERION_CODES)
    assert {len(one.anchors) for one in shipped.criteria} == {5}


@pytest.mark.parametrize(
    ("stage", "priority"),
    [  # by hand: (w1 4 + w3 1 + w4 2) / 4
        (1, (0.45 * 4 + 0.15 + 0.25 * 2) / 4),
        (3, (0.25 * 4 + 0.15 + 0.30 * 2) / 4),
        (5, (0.20 * 4 + 0.35 + 0.15 * 2) / 4),
    ],
)
def test_the_priority_is_the_weighted_sum_over_four(stage, priority):
    [ranked] = rank_initiatives([scored("a", 4, 0, 1, 2)], np.eye(6)[stage - 1]).ranked
    assert ranked.priority == pytest.approx(priority)


def test_an_uncertain_stage_averages_the_weights():
    ranking = rank_initiatives([scored("a", 4, 0, 0, 0)], (0.5, 0, 0, 0, 0, 0.5))
    assert ranking.weights == pytest.approx((0.325, 0.225, 0.25, 0.2))
    assert ranking.ranked[0].priority == pytest.approx(0.325)


def test_weights_are_drawn_around_those_of_the_drawn_stage():
    generator = np.random.default_rng(0)
    drawn = initiatives._drawn_weights(np.zeros(20_000, dtype=np.intp), generator)
    means = np.array(read_criteria().weights[1])
    assert drawn.mean(axis=0) == pytest.approx(means, abs=0.002)
    assert drawn.var(axis=0) == pytest.approx(means * (1 - means) / 51, rel=0.05)  # Dirichlet


def test_what_is_better_all_round_dominates_and_a_trade_off_does_not():
    found = by_code(
        scored("good", 3, 3, 3, 3), scored("worse", 3, 2, 3, 3), scored("odd", 0, 0, 0, 4)
    )
    assert found["worse"].dominated_by == ("good",)
    assert found["good"].is_on_front
    assert found["odd"].is_on_front


def test_equal_initiatives_do_not_dominate_each_other_and_share_the_first_place():
    found = by_code(scored("a", 2, 2, 2, 2), scored("b", 2, 2, 2, 2))
    assert found["a"].is_on_front
    assert found["b"].is_on_front
    assert found["a"].first_share == pytest.approx(0.5, abs=0.03)


def test_shares_of_first_places_sum_to_one_and_mean_places_to_theirs():
    ranking = rank_initiatives([scored(f"i{n}", n % 5, 2, n % 3, 1) for n in range(6)])
    assert sum(one.first_share for one in ranking.ranked) == pytest.approx(1)
    assert sum(one.top_three_share for one in ranking.ranked) == pytest.approx(3)
    assert sum(one.expected_rank for one in ranking.ranked) == pytest.approx(21)


def test_one_scorer_leaves_about_one_step_and_scorers_who_agree_leave_less():
    alone = spread(scored("a", 2, 2, 2, 2))
    agreeing = spread(scored("a", *[(2, 2, 2, 2)] * 4))
    apart = spread(scored("a", (0, 0, 0, 0), (4, 4, 4, 4), (0, 0, 0, 0), (4, 4, 4, 4)))
    assert agreeing < alone
    assert agreeing < apart
    errors = initiatives._standard_errors(scored("a", 2, 2, 2, 2))
    assert errors == pytest.approx(np.full(4, np.sqrt(0.5)))
    two = initiatives._standard_errors(scored("a", (1, 2, 2, 2), (3, 2, 2, 2)))
    assert two[:2] == pytest.approx(np.sqrt([(2 + 2) / 5 / 2, 2 / 5 / 2]))  # by hand


def test_a_clear_lead_is_surer_than_a_small_one():
    clear = by_code(scored("a", 4, 4, 4, 4), scored("b", 0, 0, 0, 0))
    small = by_code(scored("a", 3, 2, 2, 2), scored("b", 2, 2, 2, 2))
    assert clear["a"].first_share > 0.99 > small["a"].first_share > 0.5


def test_the_order_of_the_register_changes_nothing():
    three = [scored("a", 4, 1, 2, 0), scored("b", 1, 3, 2, 4), scored("c", 2, 2, 2, 2)]
    assert rank_initiatives(three) == rank_initiatives(three[::-1])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(SCORE, SCORE, SCORE, SCORE), min_size=1, max_size=5))
def test_the_first_by_priority_is_on_the_front_and_every_interval_is_within_its_bounds(rows):
    ranking = rank_initiatives([scored(f"i{n}", *row) for n, row in enumerate(rows)], draw_count=50)
    best = ranking.ranked[0]
    assert best.is_on_front
    assert all(0 <= one.priority_low <= one.priority_high <= 1 for one in ranking.ranked)


@pytest.mark.parametrize(
    ("scores", "gate", "gates", "reason"),
    [
        ((4, 2, 2, 4), "EN3", {"EN3"}, None),
        ((4, 2, 2, 4), "EN3", {"EN4"}, "EN3 is no open gate"),
        ((4, 2, 2, 4), "EN3", None, "not known without a self-assessment"),
        ((4, 2, 2, 4), "", {"EN3"}, "names no gate"),
        ((4, 4, 4, 2), "EN3", {"EN3"}, "its investment 2.0 is below 3"),
        ((1, 1, 1, 3), "EN3", {"EN3"}, "its priority 0.375 is below 0.6"),
    ],
)
def test_a_quick_win_needs_priority_means_and_an_open_gate(scores, gate, gates, reason):
    given_one = scored("a", *scores, gate=gate)
    [ranked] = rank_initiatives([given_one], PLANNING, gates).ranked
    assert ranked.is_quick_win == (reason is None)
    assert (reason or "") in "; ".join(ranked.quick_win_obstacles)


def test_a_priority_of_exactly_six_tenths_is_enough():
    [ranked] = rank_initiatives([scored("a", 2, 2, 2, 4, gate="EN3")], PLANNING, {"EN3"}).ranked
    assert ranked.priority == pytest.approx(0.625)
    assert initiatives._obstacles(ranked.initiative, 0.6 - 1e-12, frozenset({"EN3"})) == ()


@pytest.mark.parametrize(
    ("rows", "probabilities", "message"),
    [
        ([("a", 1, 1, 1, 1), ("a", 1, 1, 1, 1)], UNIFORM, "codes stand twice: a"),
        ([("a", 1, 1, 1, 1)], (0.5, 0.6, 0, 0, 0, 0), "not six that sum to 1"),
        ([("a", 1, 1, 1, 1)], (1.0,), "not six that sum to 1"),
    ],
)
def test_what_cannot_be_ranked_is_refused(rows, probabilities, message):
    with pytest.raises(ValueError, match=message):
        rank_initiatives([scored(*row) for row in rows], probabilities)


def test_gates_are_the_statements_of_the_instrument():
    codes = {item.code for item in read_instrument("altimeter").items}
    tried = {f"{code[:2]}{number}" for code, number in product(codes, range(9))}
    assert {code for code in tried if GATE.fullmatch(code)} == codes


def test_the_rows_of_an_initiative_are_its_scorers(tmp_path):
    text = (
        "organization,initiative,name,value,impact,innovation,investment,scorer,gate,note\n"
        "# council,this line explains,,,,,,,,\n"
        "council,answer-rota,A rota,4,2,1,3,press,en3,soon\n"
        "council,answer-rota,,2,2,1,4,board,,\n"
        "museum,tour,,1,1,1,1,,,\n"
        "museum,later,,,,,,press,,\n"
    )
    found = read_register(written(tmp_path, text), KNOWN)
    rota, tour = found.initiatives
    assert (rota.name, rota.gate, rota.note) == ("A rota", "EN3", "soon")
    assert rota.scorings == (Scoring("press", 4, 2, 1, 3), Scoring("board", 2, 2, 1, 4))
    assert rota.scores == (3, 2, 1, 3.5)
    assert (tour.organization_id, tour.name) == ("museum", "tour")
    assert found.unscored_row_count == 1


@pytest.mark.parametrize(
    ("row", "column", "message", "remedy"),
    [
        (",a,1,1,1,1", "organization", "no organization", "give its id"),
        ("counsil,a,1,1,1,1", "organization", "'counsil' is not on the list", "mean council?"),
        ("council,,1,1,1,1", "initiative", "no initiative", "as answer-rota"),
        ("council,A rota,1,1,1,1", "initiative", "'A rota' is no code", "small letters"),
        ("council,a,5,1,1,1", "value", "'5' is no score", "from 0 to 4"),
        ("council,a,1,,1,1", "impact", "no score", "leave all four scores empty"),
        ("council,a,1,1,1.5,1", "innovation", "'1.5' is no score", "whole number"),
        ("council,a,1,1,1,1,Jo Doe", "scorer", "'Jo Doe' is no short code", "no name of a person"),
        ("council,a,1,1,1,1,jo@x.org", "scorer", "is no short code", "no name of a person"),
        ("council,a,1,1,1,1,,XX3", "gate", "'XX3' is no statement", "from ST1 to PE6"),
    ],
)
def test_a_fault_is_told_with_file_line_column_and_remedy(tmp_path, row, column, message, remedy):
    path = written(tmp_path, f"{HEADER},scorer,gate\n{row}\ncouncil,fine,1,1,1,1\n")
    [problem] = problems_of(path)
    assert (problem.path, problem.place, problem.column) == (path, "line 2", column)
    assert message in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("second", "column", "message"),
    [
        ("council,a,2,1,1,1,press,,", "scorer", "'press' scores 'a' again, as in line 2"),
        ("council,a,2,1,1,1,board,EN4,", "gate", "the gate of 'a' differs from that in line 2"),
        ("council,a,2,1,1,1,board,,B", "name", "the name of 'a' differs from that in line 2"),
    ],
)
def test_rows_that_contradict_each_other_are_told(tmp_path, second, column, message):
    text = f"{HEADER},scorer,gate,name\ncouncil,a,1,1,1,1,press,EN3,A\n{second}\n"
    [problem] = problems_of(written(tmp_path, text))
    assert (problem.place, problem.column, problem.message) == ("line 3", column, message)


def test_a_sheet_without_its_columns_is_told_which(tmp_path):
    path = written(tmp_path, "organization,initiative,value,impact,investment,worth\n")
    told = [(problem.column, problem.message) for problem in problems_of(path)]
    assert told == [("innovation", "the column is missing"), ("worth", "the column is not known")]


def test_a_template_explains_every_score_and_reads_as_an_empty_register(tmp_path):
    text = register_template(KNOWN)
    found = read_register(written(tmp_path, text), KNOWN)
    assert found == ((), 2)
    anchors = [anchor for one in read_criteria().criteria for anchor in one.anchors]
    assert all(anchor in text for anchor in anchors)


def scored(code, *scores, gate=""):
    rows = scores if isinstance(scores[0], tuple) else (scores,)
    scorings = tuple(Scoring(f"s{n}", *row) for n, row in enumerate(rows))
    return Initiative(organization_id="council", code=code, name=code, scorings=scorings, gate=gate)


def by_code(*given_ones):
    return {one.initiative.code: one for one in rank_initiatives(given_ones, PLANNING).ranked}


def spread(initiative):
    [ranked] = rank_initiatives([initiative]).ranked
    return ranked.priority_high - ranked.priority_low


def written(folder, text):
    path = folder / "initiatives.csv"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(path):
    with pytest.raises(SheetError) as caught:
        read_register(path, KNOWN)
    return caught.value.problems
