"""The rules that every SQL model keeps, read from the files by DuckDB's own parser."""

import json
import re
from importlib import resources

import duckdb
import pytest

from warehouse.build import model_files
from warehouse.history import known_tables

#: Schemas from the bottom up; `estimates` is filled by the classifiers.
ORDER = ("main", "raw", "staging", "facts", "rollups", "signals", "estimates", "marts")
LAYERS = ("staging", "facts", "rollups", "signals", "marts")
MODELS = {
    f"{layer}/{file.name}": file.read_text("utf-8")
    for layer in LAYERS
    for file in model_files(layer)
}
#: What a build fills before the models run.
GIVEN = {("facts", "touched"), ("facts", "affected"), ("staging", "clock")}
#: Whatever gives another answer the next time; the clock is bound as a parameter instead.
UNREPEATABLE = re.compile(
    r"\b(now|today|current_(date|time|timestamp)|get_current_\w+|transaction_timestamp|local"
    r"time(stamp)?|random|setseed|uuid|gen_random_uuid|nextval)\b"
)


@pytest.fixture(params=MODELS)
def model(request):
    return request.param


def test_every_folder_of_models_is_a_layer():
    folders = (resources.files("warehouse") / "models").iterdir()
    assert {folder.name for folder in folders if folder.is_dir()} == set(LAYERS)
    assert {name.split("/")[0] for name in MODELS} == set(LAYERS)


def test_a_model_is_one_select(model):
    assert problems_of_form(MODELS[model]) == []


def test_a_model_names_the_schema_of_every_table(model):
    assert unqualified(MODELS[model]) == set()


def test_a_model_reads_only_from_layers_above_its_own_and_what_comes_before_it_there(model):
    layer, file = model.split("/")
    allowed = ORDER[: ORDER.index(layer)]
    read = tables(MODELS[model]) - GIVEN
    assert {(s, t) for s, t in read if s not in allowed and not (s == layer and t < file)} == set()


def test_a_model_reads_only_tables_that_exist(model, world):
    found = world.rows(
        "select schema_name, table_name from duckdb_tables() "
        "union select schema_name, view_name from duckdb_views()"
    )
    stored = {(row.schema_name, row.table_name) for row in found}
    built = {tuple(name.removesuffix(".sql").split("/")) for name in MODELS}
    assert tables(MODELS[model]) <= stored | built


def test_the_past_can_be_read_of_every_table_that_a_measurement_rests_on():
    measuring = {name: sql for name, sql in MODELS.items() if not name.startswith("marts/")}
    read = {table for sql in measuring.values() for schema, table in tables(sql) if schema == "raw"}
    assert len(read) > 8
    assert read <= set(known_tables())


def test_no_model_asks_when_something_was_learned():
    measuring = {name: sql for name, sql in MODELS.items() if not name.startswith("marts/")}
    assert [name for name, sql in measuring.items() if "known_at')" in sql] == []


def test_a_model_reads_neither_clock_nor_chance(model):
    assert unrepeatable(MODELS[model]) == set()


def test_a_model_says_its_grain_its_window_and_what_null_means(model):
    assert problems_of_head(MODELS[model]) == []


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select 1; select 2", ["2 statements"]),
        ("create table t as select 1", ["no SELECT"]),
        ("delete from raw.activities", ["no SELECT"]),
        ("with a as (select 1) select * from a", []),
    ],
)
def test_the_rule_of_one_select_notices_what_breaks_it(sql, found):
    assert problems_of_form(sql) == found


def test_the_rule_of_schemas_tells_tables_from_steps():
    sql = "with a as (from raw.runs), b as (select (select max(x) from c) as m from a) from b"
    assert tables(sql) == {("raw", "runs")}
    assert unqualified(sql) == {"c"}


@pytest.mark.parametrize(
    "expression", ["now()", "current_date", "today()", "current_timestamp", "random()", "uuid()"]
)
def test_the_rule_of_repeatability_notices_what_breaks_it(expression):
    assert unrepeatable(f"select {expression} as moment") != set()
    assert unrepeatable("select known_at, as_of from staging.clock") == set()


def test_the_rule_of_the_head_notices_what_breaks_it():
    assert problems_of_head("select 1") == ["under three lines", "no Window", "no NULL"]
    assert problems_of_head("-- One row.\n-- Window: none.\n-- NULL: never.\nselect 1") == []


def problems_of_form(sql):
    parsed = parse(sql)
    if parsed["error"]:
        return ["no SELECT"]
    count = len(parsed["statements"])
    return [] if count == 1 else [f"{count} statements"]


def problems_of_head(sql):
    head = re.match(r"(?:--[^\n]*\n)*", sql).group()
    problems = ["under three lines"] if head.count("\n") < 3 else []
    return problems + [f"no {word}" for word in ("Window", "NULL") if f"\n-- {word}: " not in head]


def tables(sql):
    """(schema, table) of every reference to a table, wherever it stands."""
    return {pair for pair in references(sql) if pair[0]}


def unqualified(sql):
    """Tables named without their schema; the steps of the query itself are none."""
    steps = {entry["key"] for node in nodes(parse(sql)) for entry in node.get("map", ())}
    return {table for schema, table in references(sql) if not schema} - steps


def references(sql):
    found = (node for node in nodes(parse(sql)) if node.get("type") == "BASE_TABLE")
    return {(node["schema_name"], node["table_name"]) for node in found}


def unrepeatable(sql):
    """Names of functions and of bare columns that look at the clock or throw dice."""
    names = set()
    for node in nodes(parse(sql)):
        names |= {node.get("function_name", ""), *node.get("column_names", ())[:1]}
    return {name for name in names if UNREPEATABLE.fullmatch(name.lower())}


def parse(sql):
    with duckdb.connect() as connection:
        found = connection.execute("select json_serialize_sql($sql)", {"sql": sql}).fetchone()
    return json.loads(found[0])


def nodes(tree):
    """Every object of a parsed query."""
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from nodes(branch)
