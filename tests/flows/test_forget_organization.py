"""An organization that asks to be forgotten is in no byte of any file, and is not asked again."""

from __future__ import annotations

import shutil
import zipfile

import pytest
from collecting import Collecting
from corpus_server import serving
from erased import traces
from small_world import rss
from town import DAY, killing, tables
from watching import MONDAY

from dashboards.site import write_site
from flows.agreement import about_comparison, full_comparison, report_record
from flows.agreementfiles import write_comparison
from flows.build import verify_weeks
from flows.claims import renew_claims
from flows.compare import compare_stages
from flows.estimate import estimate
from flows.exporting import export_all
from flows.forgetting.act import forget
from flows.forgetting.asking import Asked, subject_of
from flows.job import make_order
from flows.labels import import_labels
from flows.opening import open_project
from flows.project import Project
from flows.publish import publish
from flows.replaying import replay_archive
from flows.settings import load_settings
from flows.written import note_written

#: Places of `forget` where it is killed, in their order.
pytestmark = pytest.mark.thorough
STEPS = (
    "suppress_organization",
    "opt_out",
    "remove_naming_responses",
    "erase_from_archive",
    "erase_organization",
    "erase_leftovers",
    "publish",
    "compact",
)
GONE, STAYS = "riverton-council", "harbour-trust"
WORDS = ("riverton-council", "riverton council", "riverton.example", "/riverton.xml")
LIST = """
[[organization]]
id = "riverton-council"
name = "Riverton Council"
homepage = "https://riverton.example"
industry = "transport"
size = "250-999"
channels = [{{ source = "feeds", address = "{base}/riverton.xml" }}]

[[organization]]
id = "harbour-trust"
name = "Harbour Trust"
industry = "transport"
size = "250-999"
channels = [{{ source = "feeds", address = "{base}/harbour.xml" }}]
"""
LABELS = "organization,stage,rater,saw,coded_on\nriverton-council,3,r1,public,2026-02-01\n"
CLAIMS = "organization,stage,note\nriverton-council,3,\nharbour-trust,2,\n"
START = MONDAY - DAY
FEEDS = {
    "/riverton.xml": rss(9, start=START, name="riverton"),
    "/harbour.xml": rss(9, start=START, name="harbour").replace(
        b"Notice 2", b"With Riverton Council"
    ),
}
ANSWERS = "organization,stage\nriverton-council,3\nharbour-trust,4\n"


@pytest.fixture(scope="module")
def former(models, tmp_path_factory):
    """A project of two organizations, collected twice, built, estimated, compared, published."""
    folder = tmp_path_factory.mktemp("former") / "here"
    shutil.copytree(models, folder / "data" / "models")
    with pytest.MonkeyPatch.context() as patch, serving(FEEDS) as server:
        collecting = Collecting(folder, patch)
        (folder / "organizations.toml").write_text(LIST.format(base=server.base_url))
        (folder / "claims.csv").write_text(CLAIMS)
        (folder / "labels.csv").write_text(LABELS)
        (folder / "inbox" / "imported").mkdir(parents=True)
        (folder / "inbox" / "imported" / "answers.csv").write_text(ANSWERS)
        collecting.run()
        server.documents["/riverton.xml"] = rss(10, start=START + DAY, name="riverton")
        collecting.run(after=DAY)
        collecting.build()
        found = Project(folder / "data")
        with open_project(found) as connection:
            import_labels(found, connection, [folder / "labels.csv"])
            estimate(found, connection)
            renew_claims(settings_in(folder), connection)
            compare_stages(connection)
            publish(found, connection)
        (folder / "labels.csv").unlink()
        yield folder, collecting.clock(), server


@pytest.fixture
def project(former, tmp_path, monkeypatch):
    """A copy of it that a test may change."""
    before, moment, server = former
    folder = shutil.copytree(before, tmp_path / "here", symlinks=True)
    collecting = Collecting(folder, monkeypatch)
    collecting.clock.moment = moment
    collecting.project, collecting.settings = Project(folder / "data"), settings_in(folder)
    collecting.server = server
    return collecting


def settings_in(folder):
    return load_settings(folder, {"allow_host": ("127.0.0.0/8",), "contact": "a@b.example"})


def erase(project, organization_id=GONE, **options):
    asked = Asked("", "", "", organization_id)
    subject = subject_of(project.project, project.settings, asked)
    return forget(project.project, project.settings, subject, **options)


def places(project):
    """Everything but the list, which is the user's, and the opt-out list, which must name it."""
    return [project.project.data, project.folder / "inbox", project.folder / "claims.csv"]


def test_the_scan_sees_what_is_to_be_forgotten(project):
    found = "\n".join(traces(places(project), WORDS))
    for place in ("pages", "organizations", "builds", "labels", "snapshots", "warehouse", "inbox"):
        assert place in found, place


def test_of_a_forgotten_organization_no_byte_is_left_anywhere(project):
    erase(project)
    assert traces(places(project), WORDS) == []


def test_an_export_from_before_is_restored_without_it(project, tmp_path, barograph_in):
    with open_project(project.project) as connection:
        export_all(connection, tmp_path / "export", project=project.project)
    assert traces([tmp_path / "export"], WORDS)
    erase(project)
    restored = tmp_path / "restored"
    shutil.copytree(project.project.keyring.parent, restored / "data" / "secrets")
    done = barograph_in(restored, "import", "--export", tmp_path / "export")
    assert done.returncode == 0, done.stderr
    assert "list of objections: organizations (1), keys of people (0)." in done.stdout
    assert traces([restored], WORDS) == []
    with open_project(Project(restored / "data"), read_only=True) as connection:
        kept = connection.execute("select distinct organization_id from raw.activities").fetchall()
    assert kept == [("harbour-trust",)]


def test_everything_of_others_stays(project):
    kept = "select * from raw.activities where organization_id = 'harbour-trust' order by all"
    measured = """
        select * from signals.measurements
        where organization_id = 'harbour-trust' and not is_pooled order by all
    """
    before = [project.rows(query) for query in (kept, measured)]
    assert all(before)
    erase(project)
    assert project.rows(kept) == before[0]
    known = [row for row in project.rows(measured) if row in before[1]]
    assert len(known) >= len(before[1]) - 2
    assert "harbour-trust,2" in (project.folder / "claims.csv").read_text()
    assert "harbour-trust,4" in (project.folder / "inbox" / "imported" / "answers.csv").read_text()


def test_it_is_in_no_table_and_a_replay_gives_the_same(project):
    erase(project)
    project.clock.moment += DAY
    with open_project(project.project) as connection:
        from flows.build import build_signals

        build_signals(project.project, connection, project.clock())
    before = tables(project.project.data)
    replay_archive(project.project.data, None, quiet=True)
    assert tables(project.project.data) == before
    assert traces(places(project), WORDS) == []


def test_its_servers_and_addresses_are_on_the_opt_out_list(project):
    done = erase(project)
    listed = (project.folder / "opt-out.txt").read_text().splitlines()
    assert "riverton.example" in listed
    assert any(entry.endswith("/riverton.xml") for entry in listed)
    assert not any("harbour" in entry for entry in listed)
    assert set(done.opted_out) == set(listed)


def test_while_the_list_still_has_it_every_run_skips_it_and_says_so(project, barograph_in):
    erase(project)
    order = make_order(project.settings, None)
    assert [each.organization_id for each in order.organizations] == [STAYS]
    assert order.left_out == (GONE,)
    asked = len(project.server.asked)
    done = barograph_in(
        project.folder,
        "collect",
        "--now",
        "--allow-host",
        "127.0.0.1",
        BAROGRAPH_CONTACT="a@b.example",
    )
    assert f"warning: {GONE}: not collected, for it asked to be forgotten" in done.stderr
    assert not any("riverton" in str(each) for each in project.server.asked[asked:])
    assert traces([project.project.data], WORDS) == []


def test_it_is_recognized_by_its_addresses_under_another_name(project):
    erase(project)
    path = project.folder / "organizations.toml"
    path.write_text(path.read_text().replace("riverton-council", "new-name"))
    assert make_order(project.settings, None).left_out == ("new-name",)


def test_a_forgetting_that_is_killed_at_step_after_step_is_finished_by_the_last(
    project, monkeypatch
):
    listed = project.folder / "organizations.toml"
    for step in STEPS:
        with killing(monkeypatch, f"flows.forgetting.act.{step}"):
            erase(project)
        text = listed.read_text()
        if GONE in text:  # it is taken out meanwhile
            listed.write_text(text[text.index("[[organization]]", 20) :])
    erase(project)
    assert traces(places(project), WORDS) == []


def test_copies_of_it_elsewhere_are_written_anew_or_removed(project, tmp_path):
    out = tmp_path / "out"
    with open_project(project.project, read_only=True) as connection:
        export_all(connection, out / "export")
        report = full_comparison(project.project, connection)
        record = report_record(report, about_comparison(connection))
    write_comparison(out / "report", record)
    write_site(project.project.snapshot, out / "site")
    (out / "report" / "mine.txt").write_text("stays")
    for kind in ("export", "report", "site"):
        note_written(project.project, kind, out / kind)
    for folder in out.iterdir():
        assert traces([folder], WORDS), folder.name
    erase(project, is_rewriting=True)
    assert traces([out], WORDS) == []
    assert [file.name for file in (out / "report").iterdir()] == ["mine.txt"]
    assert (out / "site" / "index.html").exists()


def test_what_was_measured_of_others_is_verified_all_the_same(project):
    project.clock.moment += DAY
    erase(project)
    with open_project(project.project, read_only=True) as connection:
        for verified in verify_weeks(connection, every=True):
            assert verified.differences == []


ALERT = """
    insert into raw.alerts by name
    select
        '{name}-1' as alert_id, 'source_silent' as condition_code, 'channel' as subject_kind,
        '{name}:feeds:1' as subject_id, '{name}' as organization_id, 'warning' as severity,
        now()::timestamp as opened_at, '' as opened_run_id, now()::timestamp as last_seen_at,
        '' as recovered_run_id, '' as ending, '{name} is silent' as title, '' as text
"""
MESSAGE = """
    insert into raw.alert_messages by name
    select
        '{name}-2' as message_id, '{name}-1' as alert_id, 'opened' as kind, 'log' as channel,
        '' as batch_id, now()::timestamp as created_at, now()::timestamp as not_before,
        0 as attempts, '' as last_error, '{name} is silent' as title, '' as text
"""


def test_its_alerts_go_and_those_of_others_stay(project):
    with open_project(project.project) as connection:
        for name in (GONE, STAYS):
            connection.execute(ALERT.format(name=name))
            connection.execute(MESSAGE.format(name=name))
    log = project.project.data / "alerts.log"
    log.write_text(f'{{"subject": "{GONE}"}}\n{{"subject": "{STAYS}"}}\n')
    erase(project)
    assert project.rows("select organization_id from raw.alerts") == [(STAYS,)]
    assert project.rows("select alert_id from raw.alert_messages") == [(f"{STAYS}-1",)]
    assert log.read_text() == f'{{"subject": "{STAYS}"}}\n'


def test_a_model_that_was_trained_on_its_labels_goes_and_the_cold_start_comes_back(project):
    cold = {path.stem for path in project.project.models.glob("*.skops")}
    taught = project.project.models / "taught-1"
    with zipfile.ZipFile(taught.with_suffix(".skops"), "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("schema.json", f'{{"fold_of": {{"{GONE}": 1}}}}')
    taught.with_suffix(".json").write_text("{}")
    with open_project(project.project) as connection:
        connection.execute(
            "insert into estimates.models by name "
            "select * replace ('taught-1' as model_version) from estimates.models limit 1"
        )
    done = erase(project)
    assert done.counts["models"] == 1
    assert {path.stem for path in project.project.models.glob("*.skops")} == cold
    versions = project.rows("select model_version from estimates.models")
    assert {version for (version,) in versions} == cold
