"""The comparison as it is published: nobody learns from it what a few claimed in confidence."""

from datetime import UTC, date, datetime, timedelta

import pytest

from classifiers.comparing.statistic import Statistic, definitions
from flows.project import Project
from flows.publishedagreement import FEWEST_PRIVATE, keep_published_agreement, tells_of_many
from warehouse.build import Clock, build
from warehouse.db import open_warehouse
from warehouse.register import register_organizations, replace_claims, replace_week

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday: the last full week is that of 26 October
WEEK = date(2026, 10, 26)
PUBLIC_COUNT = 15
NAMES = [f"organization-{number:02d}" for number in range(PUBLIC_COUNT + FEWEST_PRIVATE)]
PUBLIC, PRIVATE = NAMES[:PUBLIC_COUNT], NAMES[PUBLIC_COUNT:]


@pytest.fixture
def compared(tmp_path):
    """Publishes the comparison of some claims; gives the rows."""
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        register_organizations(connection, [organization(name) for name in NAMES], AS_OF)
        build(connection, Clock(as_of=AS_OF, known_at=AS_OF))
        estimate(connection, NAMES)
        yield Compared(Project(tmp_path), connection)


class Compared:
    """A warehouse in which all are estimated, and may claim."""

    def __init__(self, project, connection):
        self.project = project
        self.connection = connection

    def rows(self, claims):
        replace_claims(self.connection, claims, datetime(2026, 11, 1))  # noqa: DTZ001 - as stored
        keep_published_agreement(self.project, self.connection)
        result = self.connection.execute(
            "from estimates.agreement_statistics order by scope, position"
        )
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_with_nine_private_claims_only_public_ones_are_told_of(compared):
    found = compared.rows([*public_claims(), *private_claims(FEWEST_PRIVATE - 1)])
    assert {row["scope"] for row in found} == {"public"}
    assert value(found, "claim_count") == PUBLIC_COUNT


def test_with_ten_private_claims_the_whole_sample_is_told_of_as_well_and_no_group(compared):
    found = compared.rows([*public_claims(), *private_claims(FEWEST_PRIVATE)])
    assert {row["scope"] for row in found} == {"public", "all"}
    assert value(found, "claim_count", "all") == len(NAMES)
    assert value(found, "claim_count") == PUBLIC_COUNT
    everything = [row for row in found if row["scope"] == "all"]
    assert {row["group_name"] for row in everything} == {""}
    assert {"exact_share", "kappa_quadratic", "mean_gap"} <= {row["code"] for row in everything}
    assert any(row["group_name"] for row in found if row["scope"] == "public")


def test_what_private_claims_say_changes_no_number_of_public_ones(compared):
    def public(stage_code):
        rows = compared.rows([*public_claims(), *private_claims(FEWEST_PRIVATE, stage_code)])
        return [row for row in rows if row["scope"] == "public"]

    alone = compared.rows(public_claims())
    assert public(1) == public(6) == alone


def test_variants_and_repeated_claims_of_the_public_numbers_are_public_too(compared):
    earlier = date(2026, 1, 1)
    repeated = [claim(name, 1, claimed_on=earlier, is_headline=False) for name in PUBLIC[:4]]
    hidden = [
        claim(PUBLIC[9], 1, claimed_on=earlier, is_headline=False, is_public=False),
        claim(PUBLIC[9], 6, instrument="altimeter_median", is_headline=False, is_public=False),
    ]
    found = compared.rows([*public_claims(), *repeated, *hidden])
    assert row_of(found, "repeated_change", "all")["n"] == 4
    assert "claims by altimeter_median" not in {row["group_name"] for row in found}


def test_a_number_is_left_out_that_rests_on_few_private_claims(compared):
    """All ten are judged, and seven of them have a point."""
    estimate(compared.connection, NAMES, abstaining=PRIVATE[:3])
    found = compared.rows([*public_claims(), *private_claims(FEWEST_PRIVATE)])
    codes = {row["code"] for row in found if row["scope"] == "all"}
    assert "claim_count" in codes
    assert "above_probability" in codes  # of judged claims
    assert "exact_share" not in codes  # of points
    assert value(found, "exact_share") is not None


def test_from_private_claims_alone_only_the_whole_is_told(compared):
    found = compared.rows(private_claims(FEWEST_PRIVATE))
    assert {row["scope"] for row in found} == {"all"}
    assert compared.rows(private_claims(FEWEST_PRIVATE - 1)) == []


def test_without_a_claim_or_an_estimate_there_is_no_number_and_no_older_one_stays(compared):
    assert compared.rows(public_claims()) != []
    assert compared.rows([]) == []
    assert compared.rows(public_claims()) != []
    replace_week(compared.connection, "stages", WEEK, [])
    assert compared.rows(public_claims()) == []


def test_who_is_no_longer_listed_is_not_compared(compared):
    still = [organization(name) for name in NAMES if name != PUBLIC[0]]
    register_organizations(compared.connection, still, AS_OF + timedelta(days=1))
    build(compared.connection, Clock(as_of=AS_OF, known_at=AS_OF + timedelta(days=1)))
    found = compared.rows(public_claims())
    assert value(found, "claim_count") == PUBLIC_COUNT - 1


def test_numbers_come_in_the_order_of_a_report_with_their_definitions(compared):
    found = compared.rows(public_claims())
    assert [row["position"] for row in found] == list(range(1, len(found) + 1))
    assert found[0]["code"] == "claim_count"
    for row in found:
        assert definitions()[row["code"]] == tuple(
            row[name] for name in ("label", "unit", "sample", "definition")
        )
    exact = row_of(found, "exact_share")
    assert (exact["n"], exact["value"]) == (PUBLIC_COUNT, 6 / PUBLIC_COUNT)
    assert exact["lower"] < exact["value"] < exact["upper"]


@pytest.mark.parametrize(
    ("everything", "public", "is_told"),
    [
        (Statistic(code="exact_share", value=0.5, n=30), 20, True),
        (Statistic(code="exact_share", value=0.5, n=30), 21, False),
        (Statistic(code="exact_share", value=0.5, n=30), 30, False),
        (Statistic(code="group_gap", group="size: 1-9", value=0.5, n=30), 0, False),
        (Statistic(code="exact_share", value=None, n=9), None, False),
        (Statistic(code="exact_share", value=0.5, n=10), None, True),
    ],
)
def test_a_difference_never_tells_of_fewer_than_ten(everything, public, is_told):
    known = [] if public is None else [Statistic(code=everything.code, value=0.4, n=public)]
    assert tells_of_many([everything], known) == ([everything] if is_told else [])


def organization(name):
    number = NAMES.index(name)
    return {
        "organization_id": name,
        "name": name.title(),
        "industry": "finance" if number % 2 else "energy",
        "size_class": "50-249",
        "country": "NL",
        "timezone": "Europe/Amsterdam",
        "homepage": "",
        "channels": [],
    }


def estimate(connection, names, abstaining=()):
    """Points 2, 3 and 4 in turn, with sets that hold one stage more at each side."""
    rows = [_estimate(name, 2 + place % 3, name in abstaining) for place, name in enumerate(names)]
    replace_week(connection, "stages", WEEK, rows)


def _estimate(name, stage_code, is_abstained):
    near = {stage_code: 0.6, stage_code - 1: 0.2, stage_code + 1: 0.2}
    return {
        "organization_id": name,
        "stage_code": stage_code,
        "stage_label": "",
        **{f"probability_{code}": near.get(code, 0.0) for code in range(1, 7)},
        **{f"set{level}_low": stage_code - 1 for level in (80, 90)},
        **{f"set{level}_high": stage_code + 1 for level in (80, 90)},
        "is_abstained": is_abstained,
        "abstention_reason": "wide_set" if is_abstained else "",
        "abstention_text": "",
        "model_version": "m-1",
        "is_out_of_fold": False,
        "saw_claim": False,
        "estimated_at": datetime(2026, 11, 2),  # noqa: DTZ001 - as stored
    }


def public_claims():
    """Stages 2, 3, 4 and 5 in turn: six of the fifteen are the observed ones."""
    return [claim(name, 2 + number % 4) for number, name in enumerate(PUBLIC)]


def private_claims(count, stage_code=5):
    return [claim(name, stage_code, is_public=False) for name in PRIVATE[:count]]


def claim(name, stage_code, **changes):
    return {
        "organization_id": name,
        "instrument": "altimeter_direct",
        "stage_code": stage_code,
        "claimed_on": date(2026, 6, 1),
        "respondent_role": "",
        "note": "",
        "is_answered": False,
        "is_headline": True,
        "is_public": True,
    } | changes


def value(found, code, scope="public"):
    return next(row["value"] for row in found if (row["scope"], row["code"]) == (scope, code))


def row_of(found, code, group=""):
    return next(row for row in found if (row["code"], row["group_name"]) == (code, group))
