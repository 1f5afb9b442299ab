"""Published and recomputed vectors of Wilson's interval and of burstiness, run against the SQL.

What each expected value rests on stands beside it in tests/vectors.
"""

import json
from importlib import resources
from pathlib import Path

import duckdb
import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "vectors"
WAREHOUSE = resources.files("warehouse")
WILSON = json.loads((FOLDER / "wilson.json").read_text("utf-8"))["vectors"]
BURSTINESS = json.loads((FOLDER / "burstiness.json").read_text("utf-8"))
SERIES = {vector["name"]: vector for vector in BURSTINESS["vectors"]}
HOUR_US = 3_600_000_000
#: What the two models read, with every one of 26 weeks seen whole.
TABLES = """
    create schema rollups;
    create table staging.organizations (
        organization_id varchar, organization_key ubigint, timezone varchar
    );
    create table staging.channels (channel_key ubigint, is_publishing boolean);
    insert into staging.channels values (1, true);
    insert into staging.organizations
    select distinct
        unnest($series) as name,
        hash(name),
        '';
    insert into facts.acts by name
    select
        hash(organization_id) as organization_key,
        1 as channel_key,
        date_trunc('week', occurred_at)::date as week,
        occurred_at,
        row_number() over () as act_key,
        'post' as kind,
        'by_organization' as direction,
        'second' as time_precision,
    from (
        select
            unnest($series) as organization_id,
            '2026-02-02'::timestamp + to_microseconds(unnest($moments)) as occurred_at,
    );
    insert into facts.touched select distinct organization_key, week from facts.acts;
    create table rollups.organization_weeks as
    select
        organization_key,
        '2026-01-05'::date + 7 * unnest(range(26))::integer as week,
        7 as channel_day_count,
        7 as seen_channel_day_count,
        true as is_complete,
    from staging.organizations;
    set variable touched_from = '2026-01-05'::timestamp;
    set variable touched_until = '2026-07-06'::timestamp;
"""


def sql_of(*path):
    return WAREHOUSE.joinpath(*path).read_text("utf-8")


def burstiness(series):
    """The model's value for each named list of gaps in microseconds."""
    rows = [
        (name, int(moment))
        for name, gaps in series.items()
        for moment in np.cumsum([0, *map(round, gaps)])
    ]
    names, moments = (list(column) for column in zip(*rows, strict=True))
    with duckdb.connect() as connection:
        connection.execute(sql_of("schema", "008_facts.sql"))
        for statement in TABLES.split(";")[:-1]:
            given = {"series": names, "moments": moments}
            used = {key: value for key, value in given.items() if f"${key}" in statement}
            connection.execute(statement, used)
        model = sql_of("models", "facts", "organization_weeks.sql")
        connection.execute(f"insert into facts.organization_weeks by name {model}")
        found = connection.execute(sql_of("models", "signals", "cadence_burstiness.sql"))
        columns = [column[0] for column in found.description]
        place = columns.index("value")
        return {row[0]: row[place] for row in found.fetchall()}


@pytest.fixture(scope="module")
def wilson():
    with duckdb.connect() as connection:
        connection.execute(sql_of("schema", "003_macros.sql"))
        query = "select statistics.wilson_lower($x, $n), statistics.wilson_upper($x, $n)"
        yield lambda x, n: connection.execute(query, {"x": x, "n": n}).fetchone()


@pytest.mark.parametrize("vector", WILSON, ids=lambda vector: f"{vector['successes']}")
def test_wilson_bounds_are_those_of_the_vector(vector, wilson):
    expected = (vector["lower"], vector["upper"])
    assert wilson(vector["successes"], vector["n"]) == pytest.approx(expected, abs=5e-5)


def test_without_observations_there_is_no_interval(wilson):
    assert wilson(0, 0) == (None, None)


def test_burstiness_is_that_of_the_vector():
    found = burstiness(
        {name: [gap * HOUR_US for gap in vector["gaps"]] for name, vector in SERIES.items()}
    )
    expected = {
        name: pytest.approx(vector["value"], abs=vector["tolerance"])
        for name, vector in SERIES.items()
    }
    assert found == expected


def test_twenty_events_at_random_have_the_expected_burstiness_of_chance():
    chance = BURSTINESS["chance"]
    gaps = np.random.default_rng(20).exponential(HOUR_US, size=(2000, chance["n"] - 1))
    values = np.array(list(burstiness({str(n): row for n, row in enumerate(gaps)}).values()))
    assert len(values) == 2000
    assert values.mean() == pytest.approx(chance["value"], abs=chance["tolerance"])
    r = gaps.std(axis=1) / gaps.mean(axis=1)
    index = (r - 1) / (r + 1)
    assert index.mean() == pytest.approx(chance["index"], abs=chance["tolerance"])


@pytest.mark.parametrize("entry", [*WILSON, *SERIES.values(), BURSTINESS["chance"]])
def test_every_vector_says_whether_it_is_published_and_where(entry):
    assert entry["basis"] in {"published", "recomputed"}
    assert entry["source"]
