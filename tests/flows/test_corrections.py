"""An organization sees its data, has the account map put right, and replies (rule R20)."""

from __future__ import annotations

import csv
import json
import shutil

import pytest
from starlette.testclient import TestClient

from dashboards.app import create_app
from flows.errors import InputError
from flows.job import make_order
from flows.settings import load_settings
from flows.statements import MOST_CHARACTERS, read_corrections, read_replies

REPLY = "The organization\N{RIGHT SINGLE QUOTATION MARK}s reply"
CORRECTIONS = "organization,field,channel,value,text,date,status\n"
REPLIES = "organization,date,text,signed_by\n"


@pytest.fixture
def project(finished, tmp_path):
    """A project of four organizations, collected and published."""
    return shutil.copytree(finished, tmp_path / "here")


def order_of(project):
    return make_order(load_settings(project, {"allow_host": ("127.0.0.0/8",)}), None)


def organization(project, name):
    return next(o for o in order_of(project).organizations if o.organization_id == name)


def test_an_applied_correction_changes_the_account_map(project):
    wrong = organization(project, "a").channels[0].address
    right = wrong.replace("feed-0", "feed-7")
    (project / "corrections.csv").write_text(
        CORRECTIONS
        + f"a,wrong_owner,{wrong},,not ours,2026-11-20,applied\n"
        + f"a,channel_added,{right},feeds,ours,2026-11-20,applied\n"
        + "a,industry,,utilities,,2026-11-20,applied\n"
        + "a,size,,1000+,,2026-11-20,applied\n"
    )
    found = organization(project, "a")
    addresses = [channel.address for channel in found.channels]
    assert wrong not in addresses
    assert right in addresses
    assert (found.industry, found.size_class) == ("utilities", "1000+")
    added = next(channel for channel in found.channels if channel.address == right)
    assert added.evidence == "named by the organization"


@pytest.mark.parametrize("status", ["received", "declined", ""])
def test_a_correction_that_is_not_applied_changes_nothing(project, status):
    before = organization(project, "a")
    (project / "corrections.csv").write_text(
        CORRECTIONS + f"a,industry,,utilities,,2026-11-20,{status}\n"
    )
    assert organization(project, "a") == before


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,stage,,4,,2026-11-20,applied", "field 'stage' is none of"),
        ("a,industry,,x,,yesterday,applied", "date 'yesterday' is no day"),
        ("a,size,,huge,,2026-11-20,applied", "size is none of"),
        ("a,channel_removed,,,,2026-11-20,applied", "channel is empty"),
        ("a,channel_added,x,nowhere,,2026-11-20,applied", "unknown source 'nowhere'"),
        (",industry,,x,,2026-11-20,applied", "organization is empty"),
        ("a,industry,,x,,2026-11-20,done", "status 'done' is none of"),
    ],
)
def test_a_problem_is_told_with_its_line(tmp_path, row, told):
    (tmp_path / "corrections.csv").write_text(CORRECTIONS + row + "\n")
    with pytest.raises(InputError, match="line 2") as raised:
        read_corrections(tmp_path)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (f"a,2026-11-20,{'x' * (MOST_CHARACTERS + 1)},press office", "2000 are the most"),
        ("a,2026-11-20,,press office", "text is empty"),
        ("a,2026-11-20,We disagree,", "signed_by is empty"),
    ],
)
def test_a_reply_has_a_text_of_bounded_length_and_a_role(tmp_path, row, told):
    (tmp_path / "replies.csv").write_text(REPLIES + row + "\n")
    with pytest.raises(InputError, match="line 2") as raised:
        read_replies(tmp_path)
    assert told in str(raised.value)


def test_columns_that_are_missing_are_named(tmp_path):
    (tmp_path / "replies.csv").write_text("organization,text\n")
    with pytest.raises(InputError, match="columns missing: date, signed_by"):
        read_replies(tmp_path)


def test_a_reply_and_a_correction_stand_on_the_organizations_page_as_plain_text(
    project, barograph_in
):
    (project / "replies.csv").write_text(
        REPLIES + 'a,2026-11-20,"We <b>also</b> answer\nby telephone.",press office\n'
    )
    (project / "corrections.csv").write_text(
        CORRECTIONS + "a,industry,,utilities,<i>since</i> May,2026-11-19,applied\n"
    )
    done = barograph_in(project, "publish")
    assert done.returncode == 0, done.stderr
    with TestClient(create_app(project / "data" / "snapshots" / "snapshot.duckdb")) as browser:
        page, other = (browser.get(f"/organizations/{name}").text for name in ("a", "b"))
    assert REPLY in page
    assert "We &lt;b&gt;also&lt;/b&gt; answer" in page
    assert "press office, 2026-11-20" in page
    assert "2026-11-19: industry: utilities (applied). &lt;i&gt;since&lt;/i&gt; May" in page
    assert page.index(REPLY) < page.index('id="evidence"')
    assert page.index('id="evidence"') < page.index('id="corrections"')
    assert REPLY not in other
    assert 'id="corrections"' not in other


def test_a_file_with_problems_stops_a_run_before_anything_is_asked(project, barograph_in):
    (project / "corrections.csv").write_text(CORRECTIONS + "a,stage,,4,,2026-11-20,applied\n")
    done = barograph_in(project, "run", "--allow-host", "127.0.0.1")
    assert done.returncode == 2
    assert "field 'stage' is none of" in done.stderr


def test_an_organization_can_be_sent_everything_that_is_held_about_it(
    project, barograph_in, tmp_path
):
    (project / "replies.csv").write_text(REPLIES + "a,2026-11-20,We also answer,press office\n")
    assert barograph_in(project, "publish").returncode == 0
    done = barograph_in(project, "dossier", "a", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    held = json.loads((out / "dossier.json").read_text())
    assert {"organization", "channels", "signals", "estimates", "claims"} <= {
        name for name, table in held.items() if table
    }
    assert all({"set90_low", "set90_high"} <= set(row) for row in held["estimates"])
    assert all("evidence" in row for row in held["channels"])
    counts = {row["kept_table"]: row["row_count"] for row in held["kept_rows"]}
    assert counts["raw.activities"] > 0
    assert held["replies"][0]["reply"] == "We also answer"
    for name, table in held.items():
        with (out / f"{name}.csv").open(newline="") as file:
            assert len(list(csv.DictReader(file))) == len(table), name
    page = (out / "index.html").read_text()
    assert "What is held about" in page
    assert "<script" not in page
    others = ("=HYPERLINK", "Two\nLines")
    assert not any(name in page for name in others)


def test_a_dossier_of_nobody_is_refused(project, barograph_in, tmp_path):
    done = barograph_in(project, "dossier", "nobody", tmp_path / "out")
    assert done.returncode == 2
    assert "no such organization" in done.stderr
    assert not (tmp_path / "out").exists()
