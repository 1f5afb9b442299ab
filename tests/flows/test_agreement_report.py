"""`barograph compare`: six lines, a report, and numbers that anybody can compute again."""

from __future__ import annotations

import json
import math
import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from labelled_worlds import labelled_table
from measured_project import import_codes, measured_project
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import SquareTable
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from classifiers.claims import Claim
from classifiers.comparing.compared import Organization, compared_organizations
from classifiers.comparing.repeated_claims import repeated_statistics
from classifiers.comparing.report import agreement_report
from classifiers.comparing.statistic import definitions
from classifiers.estimates import StageEstimate
from flows.cli import main

COUNT = 120
STAGES = np.arange(1, 7)
PROBABILITIES = [f"probability_{stage}" for stage in STAGES]


def call(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A project of which every organization claims something, after `compare --report`."""
    table = labelled_table(COUNT, seed=5)
    folder = tmp_path_factory.mktemp("compared")
    project = measured_project(folder / "data", table)
    import_codes(project, table.organization_ids[:60], table.stage_codes[:60])
    steps = np.random.default_rng(1).choice([-1, 0, 1, 2], COUNT, p=[0.2, 0.4, 0.3, 0.1])
    claims = np.clip(table.stage_codes + steps, 1, 6)
    lines = [f"{name},{stage}" for name, stage in zip(table.organization_ids, claims, strict=True)]
    (folder / "claims.csv").write_text("\n".join(("organization,stage", *lines)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert call("estimate").exit_code == 0
        done = call("compare", "--report", folder / "report")
    assert done.exit_code == 0, done.output
    return folder, done.output


@pytest.fixture(scope="module")
def rows(compared):
    return pd.read_csv(compared[0] / "report" / "organizations.csv")


@pytest.fixture(scope="module")
def told(compared):
    """The numbers of the report by code and group."""
    table = pd.read_csv(compared[0] / "report" / "statistics.csv", keep_default_na=False)
    return {(row["code"], row["group"]): row for row in table.to_dict("records")}


@pytest.fixture(scope="module")
def points(rows):
    return rows[rows.has_point]


@pytest.fixture(scope="module")
def judged(rows):
    return rows[rows.is_judged]


def number(told, code, group="", column="value"):
    return float(told[code, group][column])


def test_it_says_six_lines_and_where_the_report_is(compared):
    lines = compared[1].splitlines()
    assert lines[0].startswith(f"Claimed against observed, {COUNT} organizations with a claim")
    starts = ("90 % sets: ", "Gap: ", "Single stages: ", "Groups", "Contradicted, ")
    assert all(line.startswith(start) for line, start in zip(lines[1:], starts, strict=False))
    assert "report.html" in lines[-1]
    assert {path.name for path in (compared[0] / "report").iterdir()} == {
        "organizations.csv",
        "statistics.csv",
        "report.json",
        "report.md",
        "report.html",
    }


def test_the_world_is_large_enough_to_tell(points, judged):
    assert len(points) >= 20
    assert len(judged) > len(points)


def test_shares_follow_from_the_rows(told, points):
    gap = points.claimed_stage_code - points.stage_code
    for code, is_counted in (
        ("exact_share", gap == 0),
        ("within_one_share", gap.abs() <= 1),
        ("above_share", gap > 0),
        ("below_share", gap < 0),
        ("above_two_share", gap >= 2),
        ("below_two_share", gap <= -2),
    ):
        assert number(told, code) == pytest.approx(is_counted.mean())
        bounds = proportion_confint(is_counted.sum(), len(points), method="wilson")
        assert number(told, code, column="low") == pytest.approx(bounds[0])
        assert number(told, code, column="high") == pytest.approx(bounds[1])
        assert number(told, code, column="n") == len(points)


def test_bounds_count_abstentions_both_ways(told, rows, points):
    above = (points.claimed_stage_code > points.stage_code).sum()
    estimated = (rows.abstention_reason != "no estimate").sum()
    low = proportion_confint(above, estimated, method="wilson")[0]
    high = proportion_confint(above + estimated - len(points), estimated, method="wilson")[1]
    found = told["above_share_bounds", ""]
    assert [float(found["low"]), float(found["high"])] == pytest.approx([low, high])


def test_agreement_follows_from_the_rows(told, points):
    pair = points.claimed_stage_code, points.stage_code.astype(int)
    kappa = cohen_kappa_score(*pair, labels=STAGES, weights="quadratic")
    assert number(told, "kappa_quadratic") == pytest.approx(kappa)
    table = pd.crosstab(*pair).reindex(index=STAGES, columns=STAGES, fill_value=0).to_numpy()
    weights = 1 - np.subtract.outer(STAGES, STAGES) ** 2 / 25
    shares = table / table.sum()
    margin = (shares.sum(0) + shares.sum(1)) / 2
    chance = weights.sum() / 30 * (margin * (1 - margin)).sum()
    assert number(told, "ac2_quadratic") == pytest.approx(
        ((weights * shares).sum() - chance) / (1 - chance)
    )
    kept = (table + table.T - 2 * np.diag(np.diag(table))).sum(axis=0) > 0
    square = SquareTable(table[np.ix_(kept, kept)], shift_zeros=False)
    found = square.homogeneity()
    assert number(told, "stuart_maxwell") == pytest.approx(found.statistic)
    assert number(told, "stuart_maxwell", column="p_value") == pytest.approx(found.pvalue)


def test_the_mean_gap_and_its_limits_follow_from_the_rows(told, points):
    gap = points.claimed_stage_code - points.stage_code
    low, high = stats.t.interval(0.95, len(gap) - 1, gap.mean(), stats.sem(gap))
    assert number(told, "mean_gap") == pytest.approx(gap.mean())
    assert number(told, "mean_gap", column="low") == pytest.approx(low)
    assert number(told, "mean_gap", column="high") == pytest.approx(high)
    assert number(told, "gap_deviation") == pytest.approx(gap.std())


def test_weighted_rates_follow_from_the_rows(told, judged):
    probabilities = judged[PROBABILITIES].to_numpy()
    claims = judged.claimed_stage_code.to_numpy()[:, None]
    for code, is_meant in (
        ("above_probability", claims > STAGES),
        ("match_probability", claims == STAGES),
        ("below_probability", claims < STAGES),
    ):
        share = (probabilities * is_meant).sum(axis=1).mean()
        assert number(told, code) == pytest.approx(share)
        bounds = stats.binom.ppf([0.025, 0.975], len(judged), share) / len(judged)
        assert [number(told, code, column=name) for name in ("low", "high")] == pytest.approx(
            list(bounds)
        )


def test_the_excess_follows_from_the_rows(told, points, judged):
    probabilities = points[PROBABILITIES].to_numpy()
    is_above = points.claimed_stage_code > points.stage_code
    expected = (probabilities * (points.stage_code.to_numpy()[:, None] < STAGES)).sum(axis=1).mean()
    bounds = stats.binomtest(int(is_above.sum()), len(points)).proportion_ci(method="exact")
    found = told["excess_above", ""]
    assert float(found["expected"]) == pytest.approx(expected)
    assert float(found["value"]) == pytest.approx(is_above.mean() - expected)
    assert float(found["low"]) == pytest.approx(bounds.low - expected)
    assert float(found["high"]) == pytest.approx(bounds.high - expected)
    gaps = judged.claimed_stage_code - judged[PROBABILITIES].to_numpy() @ STAGES
    assert number(told, "excess_gap") == pytest.approx(gaps.mean())


def test_sets_and_contradictions_follow_from_the_rows(told, judged):
    above = (judged.claimed_stage_code > judged.set90_high).sum()
    probabilities = judged[PROBABILITIES].to_numpy()
    expected = (probabilities * (judged.set90_high.to_numpy()[:, None] < STAGES)).sum()
    assert number(told, "outside_above_count") == above
    assert number(told, "outside_above_count", column="expected") == pytest.approx(expected)
    claims = judged.claimed_stage_code.to_numpy()[:, None]
    tails = [(probabilities * side).sum(axis=1) for side in (claims <= STAGES, claims >= STAGES)]
    p_values = np.minimum(2 * np.minimum(*tails), 1)
    adjusted = multipletests(p_values, method="fdr_bh")[1]
    assert judged.p_value.to_numpy() == pytest.approx(p_values)
    assert judged.adjusted_p_value.to_numpy() == pytest.approx(np.minimum(adjusted, 1))
    assert number(told, "contradicted_count") == (adjusted <= 0.1).sum()


def test_what_honest_claims_reach_follows_from_the_rows(told, points):
    probabilities = points[PROBABILITIES].to_numpy()
    is_point = points.stage_code.to_numpy()[:, None] == STAGES
    joint = probabilities.T @ is_point / len(points)
    distance = np.subtract.outer(STAGES, STAGES) ** 2
    chance = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    kappa = 1 - (distance * joint).sum() / (distance * chance).sum()
    assert number(told, "ceiling_kappa") == pytest.approx(kappa)
    assert number(told, "ceiling_exact_share") == pytest.approx(np.trace(joint))


def test_margins_follow_from_the_rows(told, points, judged):
    for stage in STAGES:
        claimed = (judged.claimed_stage_code == stage).sum()
        assert number(told, "claimed_count", str(stage)) == claimed
        assert number(told, "observed_count", str(stage)) == (points.stage_code == stage).sum()
        expected = judged[f"probability_{stage}"].sum()
        assert number(told, "expected_observed_count", str(stage)) == pytest.approx(expected)


def test_expert_codes_correct_for_the_errors_that_were_seen(told):
    found = told["adjusted_above_share", ""]
    assert found["value"] or "50 are needed" in found["reason"]


def test_every_number_has_a_definition_and_nothing_says_nan(compared, told):
    assert {code for code, _ in told} <= set(definitions())
    for name in ("report.md", "report.html", "statistics.csv"):
        text = (compared[0] / "report" / name).read_text("utf-8")
        assert not re.search(r"\b(nan|inf|None)\b", text), name


def test_json_tells_the_same_as_the_report(compared, told, monkeypatch):
    monkeypatch.chdir(compared[0])
    found = json.loads(call("compare", "--json").output)
    by_code = {(each["code"], each["group"]): each["value"] for each in found["statistics"]}
    assert by_code.keys() == told.keys()
    for key, value in by_code.items():
        written = told[key]["value"]
        assert (value is None) == (written == ""), key
        assert value is None or math.isclose(value, float(written)), key


def test_another_scoring_rule_without_claims_says_that_there_are_none(compared, monkeypatch):
    monkeypatch.chdir(compared[0])
    done = call("compare", "--rule", "weakest")
    assert done.exit_code == 0
    assert done.output.startswith("No claims to compare")


def estimate(name, probabilities, **changes):
    given = {
        "organization_id": name,
        "probabilities": probabilities,
        "stage_code": int(np.searchsorted(np.cumsum(probabilities), 0.5 - 1e-9)) + 1,
        "stage_label": "",
        "set80_low": 1,
        "set80_high": 6,
        "set90_low": 1,
        "set90_high": 6,
        "is_abstained": False,
        "abstention_reason": "",
        "abstention_text": "",
        "model_version": "m",
    }
    return StageEstimate(**given | changes)


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_few_organizations_give_reasons_in_place_of_numbers(count):
    names = [f"o{place}" for place in range(count)]
    claims = [Claim(organization_id=name, stage_code=3) for name in names]
    estimates = [estimate(name, (0.1, 0.2, 0.4, 0.2, 0.05, 0.05)) for name in names]
    listed = [Organization(organization_id=name) for name in names]
    report = agreement_report(compared_organizations(claims, estimates, listed))
    for each in report.statistics:
        numbers = (each.value, each.low, each.high, each.expected, each.p_value)
        assert all(value is None or math.isfinite(value) for value in numbers), each
    kappa = report.value("kappa_quadratic")
    assert kappa.low is None
    assert kappa.reason


def test_a_claim_that_taught_the_estimate_is_not_judged_by_it():
    claims = [Claim(organization_id="a", stage_code=6)]
    taught = estimate("a", (0.9, 0.1, 0.0, 0.0, 0.0, 0.0), set90_high=2, saw_claim=True)
    [found] = compared_organizations(claims, [taught], [])
    assert (found.is_judged, found.estimate) == (False, None)


def test_those_who_began_low_are_expected_to_rise_by_chance():
    days = date(2025, 1, 1), date(2026, 1, 1)
    pairs = [(1, 3), (2, 2), (3, 3), (5, 4), (4, 5), (1, 2)]
    claims = [
        Claim(organization_id=f"o{place}", stage_code=stage, claimed_on=day)
        for place, pair in enumerate(pairs)
        for day, stage in zip(days, pair, strict=True)
    ]
    found = {each.group: each for each in repeated_statistics(claims)}
    first, last = np.array(pairs).T
    assert found["all"].value == pytest.approx((last - first).mean())
    low = first < first.mean()
    correlation = np.corrcoef(first, last)[0, 1]
    expected = ((1 - correlation) * (first.mean() - first[low])).mean()
    assert found["first claim below the mean"].expected == pytest.approx(expected)
