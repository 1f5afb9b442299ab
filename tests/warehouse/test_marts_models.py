"""Marts about models: what an evaluation found, and what an estimate is made of."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from classifiers.evaluating.scores import Score
from classifiers.evaluation import Evaluation
from warehouse.build import build_marts

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday: the last full week is that of 26 October
LAST = date(2026, 10, 26)
DAY = timedelta(days=1)
STAGES = ("planning", "presence", "engagement", "formalized", "strategic", "converged")
NOTHING = Score(None, None, None, 0)


def score(value, n=40):
    return Score(value, value - 0.25, value + 0.25, n)


def bins(*statements):
    names = ("stated_share", "true_share", "low", "high", "n")
    return [dict(zip(names, statement, strict=True)) for statement in statements]


#: Two bins of the first threshold, one of the second; one stage has no label.
EVALUATION = Evaluation(
    label_count=40,
    scores={"mean_absolute_error": score(0.75), "quadratic_weighted_kappa": NOTHING},
    sets={
        level: {
            "coverage": score(float(level)),
            "size": score(size),
            **{f"coverage_{name}": score(0.5, 8) for name in STAGES[:-1]},
            "coverage_converged": NOTHING,
        }
        for level, size in (("0.8", 2.5), ("0.9", 3.5))
    },
    calibration=[
        bins((0.125, 0.25, 0.0625, 0.5, 20), (0.5, 0.75, 0.5, 0.875, 20)),
        bins((0.75, 1.0, 0.875, 1.0, 40)),
    ],
    subgroups={
        "industry": [
            {
                "kind": kind,
                "n": 20,
                "mean_absolute_error": score(0.5, 20),
                "coverage_0.8": score(0.75, 20),
                "coverage_0.9": score(0.875, 20),
            }
            for kind in ("energy", "finance")
        ]
    },
)


def test_a_model_is_told_with_what_it_learned_from_and_whether_it_was_evaluated(world):
    model(world, "m-1", trained_at=AS_OF - DAY, is_current=False)
    model(world, "m-2", EVALUATION, source="offset", label_count=40)
    found = [tuple(vars(row).values()) for row in mart(world, "models")]
    assert found == [
        ("m-2", "offset", naive(AS_OF), 40, 0, True, True, 40),
        ("m-1", "simulator", naive(AS_OF - DAY), 0, 0, False, False, None),
    ]


def test_reliability_is_that_of_each_threshold_bin_by_bin(world):
    model(world, "m-1", trained_at=AS_OF - DAY)
    model(world, "m-2", EVALUATION)
    assert [tuple(vars(row).values()) for row in mart(world, "reliability")] == [
        ("m-2", 1, 1, 0.125, 0.25, 0.0625, 0.5, 20),
        ("m-2", 1, 2, 0.5, 0.75, 0.5, 0.875, 20),
        ("m-2", 2, 1, 0.75, 1.0, 0.875, 1.0, 40),
    ]


def test_sets_are_judged_for_all_labels_for_each_stage_and_for_kinds_of_organizations(world):
    model(world, "m-1", EVALUATION)
    found = mart(world, "set_quality")
    assert len(found) == 2 * (1 + 6 + 2)
    by_name = {(row.level, row.group_kind, row.group_name): row for row in found}
    assert tuple(vars(by_name[0.9, "all", ""]).values())[4:] == (40, 0.9, 0.65, 1.15, 3.5, None)
    assert by_name[0.8, "all", ""].mean_set_size == 2.5
    presence, converged = by_name[0.8, "stage", "presence"], by_name[0.8, "stage", "converged"]
    assert (presence.n, presence.coverage_share, presence.mean_set_size) == (8, 0.5, None)
    assert (converged.n, converged.coverage_share, converged.lower) == (0, None, None)
    energy = by_name[0.9, "industry", "energy"]
    assert (energy.n, energy.coverage_share, energy.lower, energy.upper) == (
        20,
        0.875,
        0.625,
        1.125,
    )
    stages = [r.group_name for r in found if (r.group_kind, r.level) == ("stage", 0.8)]
    assert stages == list(STAGES)


def test_measures_have_the_names_of_the_evaluation_and_undefined_ones_no_value(world):
    model(world, "m-1", EVALUATION)
    assert [tuple(vars(row).values()) for row in mart(world, "model_measures")] == [
        ("m-1", "mean_absolute_error", 0.75, 0.5, 1.0, 40),
        ("m-1", "quadratic_weighted_kappa", None, None, None, 0),
    ]


@pytest.mark.parametrize("name", ["reliability", "set_quality", "model_measures"])
@pytest.mark.parametrize("evaluation", [None, Evaluation(label_count=3)], ids=["none", "too few"])
def test_without_figures_there_are_no_rows(world, name, evaluation):
    model(world, "m-1", evaluation)
    assert mart(world, name) == []


def test_an_explanation_is_that_of_the_week_and_of_who_is_listed(world):
    world.organization("gone", "gone-news")
    del world._listed["gone"]
    world.listed_at += DAY
    world.organization("acme", "news")
    for name, week, part, order in (
        ("acme", LAST, "cadence", 2),
        ("acme", LAST, "average", 1),
        ("acme", LAST - 7 * DAY, "average", 1),
        ("gone", LAST, "average", 1),
    ):
        contribution(world, name, week, part, order)
    found = mart(world, "contributions")
    assert [(row.organization_id, row.part, row.part_order) for row in found] == [
        ("acme", "average", 1),
        ("acme", "cadence", 2),
    ]
    assert (found[0].seen_share, found[1].seen_share) == (None, 0.5)
    assert (found[1].above_1_log_odds, found[1].above_5_log_odds) == (1, 5)


@pytest.mark.parametrize(
    ("source", "kind"),
    [("simulator", "cold_start"), ("recalibrated", "recalibrated"), ("stack", "stack")],
)
def test_a_snapshot_tells_what_the_model_of_its_week_was_trained_on(world, source, kind):
    world.organization("acme", "news")
    model(world, "m-1", source=source, is_current=False)
    model(world, "m-2", source="offset")
    world.build(AS_OF)
    world.connection.execute(
        """
        insert into estimates.stages by name
        select
            'acme' as organization_id,
            $week as as_of_week,
            false as is_abstained,
            '' as abstention_reason,
            '' as abstention_text,
            'm-1' as model_version,
            $week as estimated_at,
        """,
        {"week": LAST},
    )
    (snapshot,) = mart(world, "snapshot")
    assert (snapshot.model_version, snapshot.model_kind) == ("m-1", kind)
    assert snapshot.barograph_version == "1.2.3"


def test_a_snapshot_without_estimates_names_no_model(world):
    model(world, "m-1")
    (snapshot,) = mart(world, "snapshot")
    assert (snapshot.model_version, snapshot.model_kind) == ("", "")


def model(world, name, evaluation=None, *, trained_at=AS_OF, **changes):
    known = {
        "model_version": name,
        "source": "simulator",
        "trained_at": naive(trained_at),
        "seed": 0,
        "label_count": 0,
        "claim_count": 0,
        "label_counts": [0] * 6,
        "labels_sha256": "",
        "file_sha256": "",
        "trials": "[]",
        "evaluation": json.dumps(evaluation.as_json()) if evaluation else "",
        "is_current": True,
    } | changes
    insert(world, "estimates.models", known)


def contribution(world, name, week, part, order):
    known = {
        "organization_id": name,
        "as_of_week": week,
        "part": part,
        "part_order": order,
        "seen_share": 0.5 if part == "cadence" else None,
        **{f"above_{code}_log_odds": code for code in range(1, 6)},
    }
    insert(world, "estimates.contributions", known)


def insert(world, table, known):
    names, marks = ", ".join(known), ", ".join(f"${name}" for name in known)
    world.connection.execute(f"insert into {table} ({names}) values ({marks})", known)


def mart(world, name):
    if not world._listed:
        world.organization("acme", "news")
    world.build(AS_OF)
    clock = world.clock(AS_OF)
    about = {"snapshot_number": 1, "published_at": naive(AS_OF), "barograph_version": "1.2.3"}
    build_marts(world.connection, clock, about)
    return world.rows(f"from marts.{name}")


def naive(moment):
    """As the warehouse stores it."""
    return moment.replace(tzinfo=None)
