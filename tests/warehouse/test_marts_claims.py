"""Marts about claims and answers: what is private, or of who is not listed, is in none by name."""

from datetime import UTC, date, datetime, timedelta

from classifiers.assessing.answered_claims import HEADLINE
from classifiers.claims import DEFAULT_INSTRUMENT
from warehouse.assessments import record_assessments
from warehouse.build import build_marts
from warehouse.register import replace_claims, replace_week

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday: the last full week is that of 26 October
LAST = date(2026, 10, 26)
DAY = timedelta(days=1)
MAY, JUNE, JULY = (date(2026, month, 1) for month in (5, 6, 7))


def test_the_history_of_public_claims_is_told_and_no_private_one(world):
    list_them(world)
    claims(
        world,
        claim("acme", 3, claimed_on=JUNE, is_headline=True),
        claim("acme", 2, claimed_on=MAY),
        claim("acme", 1, claimed_on=None),
        claim("acme", 5, claimed_on=MAY, instrument="altimeter_median"),
        claim("bee", 4, claimed_on=MAY),
        claim("bee", 6, claimed_on=JUNE, is_public=False, is_headline=True),
        claim("gone", 4, claimed_on=MAY, is_headline=True),
    )
    found = [tuple(vars(row).values()) for row in mart(world, "claims")]
    assert found == [
        ("acme", DEFAULT_INSTRUMENT, None, 1, False),
        ("acme", DEFAULT_INSTRUMENT, MAY, 2, False),
        ("acme", DEFAULT_INSTRUMENT, JUNE, 3, True),
        ("bee", DEFAULT_INSTRUMENT, MAY, 4, False),
    ]


def test_claims_are_told_by_the_rules_that_may_count(world):
    list_them(world)
    claims(world, *(claim("acme", 3, instrument=name) for name in (DEFAULT_INSTRUMENT, HEADLINE)))
    assert {row.instrument for row in mart(world, "claims")} == {DEFAULT_INSTRUMENT, HEADLINE}


def test_agreement_rests_on_public_claims_alone(world):
    list_them(world)
    claims(
        world,
        claim("acme", 3, is_headline=True),
        claim("bee", 6, is_headline=True, is_public=False),
        claim("cow", 2, is_headline=True),
        claim("gone", 6, is_headline=True),
    )
    gaps(world, acme=(3, 2, "above"), bee=(6, 1, "above"), cow=(2, 2, "within"))
    (found,) = mart(world, "agreement")
    assert (found.claim_count, found.both_count) == (2, 2)
    assert (found.above_count, found.within_count, found.mean_gap_stages) == (1, 1, 0.5)
    assert (found.exact_count, found.within_one_count) == (1, 2)


def test_answers_are_those_of_the_latest_public_assessment_by_each_instrument(world):
    list_them(world)
    keep(
        world,
        assessed("acme", MAY, LI1=1),
        assessed("acme", JUNE, LI1=2, LI2=None),
        assessed("acme", JULY, is_public=False, LI1=4),
        assessed("acme", MAY, instrument="esm3", value=3),
        assessed("bee", JULY, is_public=False, LI1=4),
        assessed("gone", JULY, LI1=4),
    )
    found = [tuple(vars(row).values()) for row in mart(world, "answers")]
    assert found == [
        ("acme", "altimeter", "1", JUNE, "LI1", 2, "https://acme.example/proof"),
        ("acme", "altimeter", "1", JUNE, "LI2", None, "https://acme.example/proof"),
        ("acme", "esm3", "1", MAY, "value", 3, "https://acme.example/proof"),
    ]


def test_of_an_answer_that_was_corrected_only_the_correction_is_told(world):
    list_them(world)
    keep(world, assessed("acme", MAY, LI1=1, LI2=1))
    keep(world, assessed("acme", MAY, LI1=3), hours=1)
    assert [(row.item_code, row.answer) for row in mart(world, "answers")] == [("LI1", 3)]


def test_a_correction_that_makes_an_assessment_private_takes_it_out(world):
    list_them(world)
    keep(world, assessed("acme", MAY, LI1=1))
    keep(world, assessed("acme", MAY, is_public=False, LI1=1), hours=1)
    assert mart(world, "answers") == []


def test_nothing_private_and_nobody_who_is_not_listed_is_in_any_mart_by_name(world):
    list_them(world)
    claims(
        world,
        claim("bee", 6, is_headline=True, is_public=False, note="s3cret"),
        claim("gone", 4, is_headline=True),
    )
    gaps(world, bee=(6, 1, "above"), gone=(4, 1, "above"))
    keep(world, assessed("bee", MAY, is_public=False, LI1=4), assessed("gone", MAY, LI1=4))
    mart(world, "snapshot")
    tables = world.rows("select table_name from duckdb_tables() where schema_name = 'marts'")
    assert len(tables) > 18
    text = {row.table_name: contents(world, row.table_name) for row in tables}
    assert [name for name, found in text.items() if "gone" in found] == []
    assert [name for name, found in text.items() if "s3cret" in found] == []
    assert all("bee" not in text[name] for name in ("claims", "answers", "agreement_statistics"))
    (bee,) = world.rows("from marts.organizations where organization_id = 'bee'")
    assert (bee.claimed_stage_code, bee.claim_position, bee.claimed_on) == (None, None, None)


def test_the_numbers_of_other_weeks_are_not_published(world):
    list_them(world)
    for week, value in ((LAST - 7 * DAY, 0.25), (LAST, 0.5)):
        replace_week(world.connection, "agreement_statistics", week, [number(value)])
    (found,) = mart(world, "agreement_statistics")
    assert (found.scope, found.code, found.value, found.lower) == (
        "public",
        "exact_share",
        0.5,
        None,
    )


def contents(world, table):
    return repr(world.connection.execute(f"from marts.{table}").fetchall())


def list_them(world):
    """Three organizations, and one that is no longer on the list."""
    world.organization("gone", "gone-news")
    del world._listed["gone"]
    world.listed_at += DAY
    for name in ("acme", "bee", "cow"):
        world.organization(name, f"{name}-news")


def claim(name, stage_code, **changes):
    return {
        "organization_id": name,
        "instrument": DEFAULT_INSTRUMENT,
        "stage_code": stage_code,
        "claimed_on": MAY,
        "respondent_role": "",
        "note": "",
        "is_answered": False,
        "is_headline": False,
        "is_public": True,
    } | changes


def claims(world, *given):
    replace_claims(world.connection, given, naive(AS_OF))


def gaps(world, **found):
    """By organization: the claim, the estimate, and where the claim lies."""
    rows = [
        {
            "organization_id": name,
            "claimed_stage_code": claimed,
            "stage_code": stage_code,
            "gap_stages": claimed - stage_code,
            "claim_position": position,
        }
        for name, (claimed, stage_code, position) in found.items()
    ]
    replace_week(world.connection, "gaps", LAST, rows)


def assessed(name, day, *, instrument="altimeter", is_public=True, **answers):
    identifier = f"{name}-{instrument}-{day}"
    return (
        {
            "assessment_id": identifier,
            "organization_id": name,
            "instrument": instrument,
            "instrument_version": "1",
            "respondent": "r1",
            "respondent_role": "board",
            "answered_on": day,
            "direct_stage_code": None,
            "ambition_stage_code": None,
            "is_public": is_public,
            "note": "s3cret",
        },
        [
            {
                "assessment_id": identifier,
                "item_code": code,
                "answer": answer,
                "evidence_url": f"https://{name}.example/proof",
            }
            for code, answer in answers.items()
        ],
    )


def keep(world, *given, hours=0):
    answers = [row for _, rows in given for row in rows]
    moment = naive(AS_OF) + timedelta(hours=hours)
    record_assessments(world.connection, [row for row, _ in given], answers, moment)


def number(value):
    return {
        "scope": "public",
        "position": 1,
        "code": "exact_share",
        "group_name": "",
        "value": value,
        "lower": None,
        "upper": None,
        "n": 4,
        "expected": None,
        "p_value": None,
        "reason": "",
        "label": "",
        "unit": "share",
        "sample": "points",
        "definition": "",
    }


def mart(world, name):
    world.build(AS_OF)
    clock = world.clock(AS_OF)
    build_marts(world.connection, clock, {"snapshot_number": 1, "published_at": naive(AS_OF)})
    return world.rows(f"from marts.{name}")


def naive(moment):
    """As the warehouse stores it."""
    return moment.replace(tzinfo=None)
