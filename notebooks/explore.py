"""A first look at a snapshot, for analysts: `marimo edit notebooks/explore.py`.

Make a snapshot of your own with `barograph snapshot mine.duckdb`, and name it in the first cell or
as `marimo run notebooks/explore.py -- --snapshot mine.duckdb`. The notebook asks the questions of
the dashboard through the same functions, and any other through SQL.
"""

import marimo

app = marimo.App(width="medium", app_title="Explore a Barograph snapshot")


@app.cell
def _():
    from pathlib import Path

    import marimo as mo

    return Path, mo


@app.cell
def _(Path, mo):
    given = mo.cli_args().get("snapshot") or "data/snapshots/snapshot.duckdb"
    place = mo.ui.text(value=str(given), label="Snapshot", full_width=True)
    mo.stop(
        not Path(str(given)).exists() and mo.app_meta().mode == "script",
        mo.md(f"No snapshot at `{given}`: `barograph snapshot FILE` makes one."),
    )
    place
    return (place,)


@app.cell
def _(Path, mo, place):
    from warehouse.snapshots import Snapshot

    mo.stop(
        not Path(place.value).exists(),
        mo.md(f"No snapshot at `{place.value}`: `barograph snapshot FILE` makes one."),
    )
    snapshot = Snapshot.open(Path(place.value))
    return (snapshot,)


@app.cell
def _(mo, snapshot):
    from dashboards.reading.header import known

    header = known(snapshot).header
    mo.md(
        f"""
        # {header.organization_count:,} organizations, week of {header.as_of_week}

        Snapshot {header.snapshot_number}, published {header.published_at:%Y-%m-%d %H:%M} UTC;
        model {header.model_version or "none"}. {
            "**These organizations are invented.**" if header.is_invented else ""
        }
        """
    )
    return (known,)


@app.cell
def _(known, mo, snapshot):
    options = known(snapshot).values
    industry = mo.ui.dropdown(["", *options.get("industry", [])], value="", label="Industry")
    size = mo.ui.dropdown(["", *options.get("size", [])], value="", label="Size")
    mo.hstack([industry, size], justify="start")
    return industry, size


@app.cell
def _(industry, mo, size, snapshot):
    from dashboards.charts.distribution import stage_distribution
    from dashboards.filters import Filters
    from dashboards.reading.benchmark import organizations, stage_counts

    asked = Filters(industry=industry.value or "", size=size.value or "")
    counts = stage_counts(snapshot, asked)
    mo.vstack(
        [
            mo.md("## Observed stages by week: the median of each estimate, or abstained"),
            mo.Html(str(stage_distribution(counts))) if counts else mo.md("No estimates."),
        ]
    )
    return asked, organizations


@app.cell
def _(asked, mo, organizations, snapshot):
    from dataclasses import asdict

    rows = [asdict(row) for row in organizations(snapshot, asked, is_paged=False)]
    mo.vstack([mo.md("## Organizations, each with its sets"), mo.ui.table(rows, page_size=10)])
    return


@app.cell
def _(mo):
    question = mo.ui.text_area(
        value=(
            "select industry, count(*) as n, median(posts_per_week) as posts_per_week_median\n"
            "from marts.organizations\n"
            "where as_of_week = (select as_of_week from marts.snapshot)\n"
            "group by industry\norder by n desc"
        ),
        label="Your own question in SQL; tables are in the schema marts",
        full_width=True,
        rows=6,
    )
    question
    return (question,)


@app.cell
def _(mo, question, snapshot):
    answer = snapshot.rows(question.value)
    mo.ui.table(answer, page_size=20)
    return (answer,)


@app.cell
def _(mo, snapshot):
    columns = snapshot.rows(
        "select table_name, column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'marts' order by table_name, column_index"
    )
    mo.accordion({"What every column means": mo.ui.table(columns, page_size=20)})
    return


if __name__ == "__main__":
    app.run()
