"""Who asks to be forgotten is in no byte of any file, and does not come back (rule R9)."""

from __future__ import annotations

import json
import shutil
import stat

import pytest
from erased import traces
from town import DAY, WEEK, Town, killing, tables

from flows.build import verify_weeks
from flows.exporting import export_all
from flows.forgetting.act import forget
from flows.forgetting.asking import Asked, subject_of
from flows.keyring import PERIOD, read_keyring
from flows.opening import open_project
from flows.project import Project
from flows.publish import publish
from flows.replaying import replay_archive
from flows.restoring import restore
from flows.settings import load_settings
from flows.suppression import read_suppressed

#: Places of `forget` where it is killed, in their order.
pytestmark = pytest.mark.thorough
STEPS = (
    "keep_subject",
    "suppress_person",
    "recover",
    "remove_naming_responses",
    "erase_from_archive",
    "erase_person",
    "redact",
    "keep_purges",
    "erase_leftovers",
    "build_signals",
    "publish",
    "compact",
    "_log",
    "drop_subject",
)


@pytest.fixture(scope="module")
def published_data(town_server, former_town, models, tmp_path_factory):
    """The data of a town that has been read twice, built and published."""
    folder = tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        town = Town(folder, patch, town_server, former_town)
        town.run_a_day_later()
        shutil.copytree(models, town.data / "models")
        town.collecting.build()
        with open_project(town.project) as connection:
            publish(town.project, connection)
    return town.data


@pytest.fixture
def published(town, published_data):
    """A town of its own that has been read twice, built and published; `ann` has spoken there."""
    shutil.copytree(published_data, town.data, symlinks=True)
    town.collecting.clock.moment += DAY
    town.show(town.told.later)
    town.handle = f"@ann_resident@{town.host}"
    ring = read_keyring(town.project.keyring)
    identity = town.handle.removeprefix("@").lower()
    town.key = ring.key_of(identity, "mastodon", town.told.fetched_at)
    town.words = ["ann_resident", "ann resident", town.key]
    return town


def settings_of(town):
    return load_settings(town.data.parent, {"allow_host": ("127.0.0.0/8",)})


def erase(town, **asked):
    given = {"source": "", "account": "", "key": "", "organization_id": "", **asked}
    settings = settings_of(town)
    subject = subject_of(town.project, settings, Asked(**given))
    return forget(town.project, settings, subject)


def erase_ann(town):
    return erase(town, source="mastodon", account=town.handle)


def count_acts(project):
    with open_project(project, read_only=True) as connection:
        return connection.execute("select count(*) from raw.activities").fetchone()[0]


def by_ann(town):
    query = f"select count(*) from raw.activities where author_key = '{town.key}'"
    return town.collecting.rows(query)[0][0]


def test_the_scan_sees_what_is_to_be_forgotten(published):
    assert by_ann(published) > 0
    found = traces([published.data], published.words)
    assert any("pages" in each for each in found)
    assert any("rows" in each for each in found)
    assert any("warehouse" in each for each in found)


def test_of_a_person_who_is_forgotten_no_byte_is_left_anywhere(published):
    others = published.collecting.rows("select count(*) from raw.activities")[0][0]
    acts = by_ann(published)
    done = erase_ann(published)
    assert done.counts["acts"] == acts
    assert traces([published.data], published.words) == []
    left = published.collecting.rows("select count(*) from raw.activities")[0][0]
    assert left == others - acts


def test_a_forgotten_person_stays_forgotten_after_a_replay(published):
    erase_ann(published)
    published.collecting.build()
    before = tables(published.data)
    replay_archive(published.data, None, quiet=True)
    assert tables(published.data) == before
    assert traces([published.data], published.words) == []


@pytest.mark.parametrize("how", ["account", "key"])
def test_an_export_from_before_is_restored_without_the_person(published, tmp_path, how):
    with open_project(published.project) as connection:
        export_all(connection, tmp_path / "export")
    assert traces([tmp_path / "export"], [published.key])
    acts, everybodys = by_ann(published), count_acts(published.project)
    erase_ann(published) if how == "account" else erase(published, key=published.key)
    restored = Project(tmp_path / "restored")
    shutil.copytree(published.project.keyring.parent, restored.keyring.parent)
    assert restore(restored.data, tmp_path / "export").left_out == (0, 1)
    assert traces([restored.warehouse], published.words) == []
    assert count_acts(restored) == everybodys - acts


def test_a_forgotten_person_is_not_taken_in_again_in_this_year_nor_in_the_next(published):
    erase_ann(published)
    published.show(published.told.first)
    published.run(after=DAY)
    assert by_ann(published) == 0
    published.retain(days=0)
    assert traces([published.data], published.words) == []
    published.run(after=PERIOD)
    ring = read_keyring(published.project.keyring)
    assert len(ring.keys["mastodon"]) == 2
    keys = {row["author_key"] for row in published.kept()}
    identity = published.handle.removeprefix("@")
    moments = [key.used_since for key in ring.keys["mastodon"]]
    assert keys.isdisjoint({ring.key_of(identity, "mastodon", moment) for moment in moments})


def test_the_list_of_objections_holds_hashes_for_its_owner_alone(published):
    erase_ann(published)
    path = published.project.keyring.parent / "suppressed.json"
    kept = json.loads(path.read_text())
    assert kept["people"]
    assert "ann" not in path.read_text()
    assert published.key not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    suppressed = read_suppressed(path.parent)
    identity = published.handle.removeprefix("@")
    assert suppressed.has_person(identity, "mastodon")
    assert not suppressed.has_person(identity, "lemmy"), "nobody is found at another platform"


@pytest.mark.parametrize("form", ["ann_resident@{}", "http://{}/@ann_resident", "@ANN_resident@{}"])
def test_an_account_may_be_written_in_any_form(published, form):
    done = erase(published, source="mastodon", account=form.format(published.host))
    assert done.counts["acts"] > 0
    assert traces([published.data], published.words) == []


def test_a_person_may_be_named_by_a_key_of_an_export(published):
    acts = by_ann(published)
    done = erase(published, key=published.key)
    assert done.counts["acts"] == acts
    assert by_ann(published) == 0
    held = {row["author_key"] for row in published.kept()}
    assert published.key not in held
    published.show(published.told.first)
    published.run(after=DAY)
    assert by_ann(published) == 0


def test_what_was_measured_before_stays_and_verifying_says_why_it_cannot_be_repeated(published):
    published.collecting.clock.moment += WEEK
    published.collecting.build()
    with open_project(published.project, read_only=True) as connection:
        *_, before = verify_weeks(connection)
    published.collecting.clock.moment += DAY
    erase_ann(published)
    with open_project(published.project, read_only=True) as connection:
        _, then, now = verify_weeks(connection, every=True)
    assert (then.differences, then.measurement_count) == ([], 0)
    assert then.purged_count == before.measurement_count > 0
    assert (now.differences, now.purged_count) == ([], 0)


def test_earlier_snapshots_go_and_the_newest_is_made_without_the_person(published):
    before = {path.name for path in published.project.snapshots.glob("snapshot-*")}
    erase_ann(published)
    after = {path.name for path in published.project.snapshots.glob("snapshot-*")}
    assert len(after) == 1
    assert not before & after
    assert published.project.snapshot.exists()


def test_what_was_deleted_at_its_source_before_goes_too(published):
    withdrawn = "select count(*) from raw.former_activities where is_withdrawn"
    assert published.collecting.rows(withdrawn) != [(0,)]
    keys = {
        row[0]
        for row in published.collecting.rows(
            "select distinct author_key from raw.activities where author_key <> ''"
        )
    }
    for key in keys | {published.key}:
        erase(published, key=key)
    left = "select count(*) from raw.former_activities where author_key <> ''"
    assert published.collecting.rows(left)[0][0] <= 1


@pytest.mark.parametrize("steps", [STEPS[:7], STEPS[7:]], ids=["first half", "second half"])
def test_a_forgetting_that_is_killed_at_step_after_step_is_finished_by_the_last(
    published, monkeypatch, steps
):
    for step in steps:
        with killing(monkeypatch, f"flows.forgetting.act.{step}"):
            erase_ann(published)
    erase_ann(published)
    assert traces([published.data], published.words) == []
    assert not (published.project.keyring.parent / "forgetting.json").exists()
    published.collecting.build()
    before = tables(published.data)
    replay_archive(published.data, None, quiet=True)
    assert tables(published.data) == before


def test_what_was_interrupted_is_finished_by_whatever_is_forgotten_next(published, monkeypatch):
    with killing(monkeypatch, "flows.forgetting.act.erase_from_archive"):
        erase_ann(published)
    erase(published, key="0" * 32)
    assert traces([published.data], published.words) == []


def test_a_forgetting_leaves_a_record_that_names_nobody(published):
    erase_ann(published)
    (line,) = (published.data / "erasures.jsonl").read_text().splitlines()
    record = json.loads(line)
    assert record["kind"] == "person"
    assert record["counts"]["acts"] > 0
    assert set(record) == {"erased_at", "kind", "counts"}


def test_copies_elsewhere_are_named_and_rewritten_on_request(published, tmp_path, barograph):
    out = tmp_path / "out"
    with open_project(published.project) as connection:
        export_all(connection, out)
    from flows.written import note_written

    note_written(published.project, "export", out)
    assert barograph("snapshot", tmp_path / "mine.duckdb").returncode == 0
    told = ("--source", "mastodon", "--account", published.handle, "--yes")
    done = barograph("forget", *told)
    assert done.returncode == 0, done.stderr
    assert f"may still hold it: export {out}" in done.stdout
    assert f"may still hold it: snapshot {tmp_path / 'mine.duckdb'}" in done.stdout
    assert traces([out], published.words)
    done = barograph("forget", *told, "--rewrite")
    assert f"removed export {out}" in done.stdout
    assert traces([tmp_path], published.words) == []
    assert (tmp_path / "mine.duckdb").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "name a person by --source and --account"),
        (("--source", "mastodon"), "name a person by"),
        (("--source", "nowhere", "--account", "x"), "no such source"),
        (("--key", "xyz"), "no key; it has 32 digits"),
        (("--organization", "nobody"), "no organization of this identifier is known"),
        (("--source", "github", "--account", "octocat"), "give github.com/NUMBER"),
    ],
)
@pytest.mark.usefixtures("published")
def test_who_is_not_named_well_is_told_how(barograph, arguments, told):
    done = barograph("forget", *arguments, "--yes")
    assert done.returncode == 2
    assert told in done.stderr


def test_nothing_is_erased_without_a_yes(published, barograph):
    before = by_ann(published)
    done = barograph("forget", "--source", "mastodon", "--account", published.handle)
    assert done.returncode == 1
    assert by_ann(published) == before > 0
