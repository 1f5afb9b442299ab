"""`barograph explain` tells why: in words, by threshold, down to the archived page."""

from __future__ import annotations

import json
import re
import shutil
from math import exp

import duckdb
import pytest
from click.testing import CliRunner

from classifiers import contributions
from classifiers.signals import FEATURE_CODES, SIGNAL_CODES
from flows.commands.explaining import explain
from flows.estimate import estimate
from flows.evidence import EVIDENCE
from flows.explanationreport import PARTS, plain, push_words
from flows.missing import missing_evidence
from flows.project import Project
from warehouse.db import open_warehouse


@pytest.fixture
def ask(finished, monkeypatch):
    """Runs the command in a project, by default one that has been run."""

    def call(*arguments, folder=finished):
        monkeypatch.chdir(folder)
        return CliRunner().invoke(explain, list(map(str, arguments)))

    return call


@pytest.fixture
def changed(finished, tmp_path):
    """Makes a copy of the finished project in which statements have changed the warehouse."""

    def make(*statements):
        shutil.copytree(finished, tmp_path / "copy")
        with duckdb.connect(str(tmp_path / "copy" / "data" / "warehouse.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)
        return tmp_path / "copy"

    return make


@pytest.fixture(scope="module")
def record(finished):
    done = CliRunner().invoke(explain, ["a", "--json", "--data", str(finished / "data")])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_words_come_first_and_never_say_that_it_is_at_a_stage(ask):
    text = ask("a").output
    first = text.split("What speaks for and against")[0]
    for words in ("80 % prediction set: ", "90 % prediction set: ", "Probabilities: Planning "):
        assert words in first
    assert len(re.findall(r"\d+\.\d%", first)) == 6
    assert "trained on simulated organizations only" in " ".join(first.split())
    assert "estimated from public activity" in text
    assert "is at stage" not in text


def test_an_abstention_is_told_with_its_reason_before_its_median(ask, changed):
    folder = changed(
        "update estimates.stages set is_abstained = true, stage_code = 5, "
        "stage_label = 'Strategic or Converged', abstention_text = 'Abstained: too wide.'"
    )
    first = " ".join(ask("a", folder=folder).output.split("What speaks")[0].split())
    assert "No single stage is named. Abstained: too wide." in first
    assert "which must not be taken as a result, is Strategic or Converged." in first


def test_a_stage_that_is_named_is_called_an_estimate(ask, changed):
    folder = changed(
        "update estimates.stages set is_abstained = false, stage_code = 2, stage_label = 'Presence'"
    )
    words = "Observed stage, estimated from public activity: Presence."
    assert words in ask("a", folder=folder).output


def test_the_parts_of_each_threshold_add_up_to_the_stored_probability(record):
    shares = [record["estimate"][f"probability_{code}"] for code in range(1, 7)]
    assert len(record["thresholds"]) == 5
    for code, threshold in enumerate(record["thresholds"], start=1):
        total = sum(part["log_odds"] for part in threshold["parts"])
        assert total == pytest.approx(threshold["log_odds"])
        assert 1 / (1 + exp(-total)) == pytest.approx(sum(shares[code:]), abs=1e-9)


def test_signals_are_the_three_of_each_family_that_push_most(record):
    assert record["weights_known"]
    for family in record["families"]:
        pushes = [max(map(abs, s["log_odds"])) for s in family["signals"] if s["log_odds"]]
        assert pushes == sorted(pushes, reverse=True)
        assert 1 <= len(family["signals"]) <= 3


def test_without_the_models_file_the_stored_numbers_are_told_all_the_same(ask, record, changed):
    folder = changed()
    shutil.rmtree(folder / "data" / "models")
    found = json.loads(ask("a", "--json", folder=folder).stdout)
    assert not found["weights_known"]
    assert found["estimate"] == record["estimate"]
    assert found["thresholds"] == record["thresholds"]
    assert "their own pushes are not known" in " ".join(ask("a", folder=folder).output.split())


def test_a_model_that_says_something_else_than_was_stored_divides_nothing(ask, changed):
    folder = changed("update estimates.contributions set above_2_log_odds = above_2_log_odds + 0.1")
    assert not json.loads(ask("a", "--json", folder=folder).stdout)["weights_known"]


def test_no_peers_are_told_of_where_there_are_fewer_than_ten(record):
    signals = [signal for family in record["families"] for signal in family["signals"]]
    assert signals
    assert {signal["peer_median"] for signal in signals} == {None}


#: Invented others of one industry and size with the values 0, 1, 2 … tenths of a signal.
OTHERS = """
    insert into raw.organizations by name
    select organizations.* replace ('other-' || numbers.i as organization_id)
    from raw.organizations, range({count}) as numbers (i) where organization_id = 'a';
    insert into signals.measurements by name
    select measurements.* replace ('other-' || numbers.i as organization_id,
        numbers.i / 10 as value, '' as missing_reason, false as is_pooled)
    from signals.measurements, range({count}) as numbers (i)
    where organization_id = 'a' and signal_code = '{code}';
"""
ALIKE = "update raw.organizations set industry = 'culture', size_class = '10-49'"
ALONE = "delete from signals.measurements where organization_id in ('b', 'c', 'd')"


@pytest.mark.parametrize(
    ("count", "told"),
    [(9, ("", None, None)), (10, ("same industry and size", 10, 0.45))],
)
def test_ten_peers_give_a_median_and_nine_do_not(ask, changed, count, told):
    folder = changed(ALIKE, ALONE, OTHERS.format(count=count, code="posts_per_week"))
    found = json.loads(ask("a", "--json", folder=folder).stdout)
    signals = {s["signal_code"]: s for family in found["families"] for s in family["signals"]}
    posts = signals["posts_per_week"]
    assert (posts["peer_group"], posts["peer_count"], posts["peer_median"]) == told


def test_peers_of_another_industry_count_where_there_are_too_few_of_the_same(ask, changed):
    apart = "update raw.organizations set industry = 'retail' where organization_id = 'a'"
    folder = changed(ALIKE, ALONE, OTHERS.format(count=10, code="posts_per_week"), apart)
    text = " ".join(ask("a", folder=folder).output.split())
    assert "0.45 (10, all organizations)" in text


def test_a_signal_that_was_not_seen_is_told_with_what_seeing_it_could_change(ask, changed):
    unread = (
        "update signals.measurements set value = null, missing_reason = 'unobserved', "
        "unseen_reason = 'blocked' where organization_id = 'a' and signal_code = 'reply_rate_72h'"
    )
    folder = changed(unread)
    project = Project(folder / "data")
    with open_warehouse(project.warehouse) as connection:
        estimate(project, connection)
        connection.execute(OTHERS.format(count=11, code="reply_rate_72h"))
    found = json.loads(ask("a", "--json", folder=folder).stdout)
    [missing] = [m for m in found["missing"] if m["signal_code"] == "reply_rate_72h"]
    assert missing["why"].startswith("its conversations cannot be read: we were not let in")
    assert "`barograph import`" in missing["remedy"]
    assert (missing["peer_low"], missing["peer_high"]) == (0.1, 0.9)
    low, high = missing["low_log_odds"][1], missing["high_log_odds"][1]
    assert low < high  # who answers more is more likely above Presence


def test_too_few_observations_are_told_with_how_many_there_should_be():
    blank = dict.fromkeys(("peer_group", "peer_count", "peer_low", "peer_high", "unseen_reason"))
    row = {
        **blank,
        "signal_code": "reply_rate_72h",
        "value": None,
        "is_pooled": False,
        "missing_reason": "undefined",
        "n": 7,
    }
    [missing] = missing_evidence([row], None)
    assert missing["why"] == "too few: 7 of 20"


def test_each_act_leads_to_its_public_page_and_to_the_archived_page_it_was_read_in(record):
    [posts] = [group for group in record["acts"] if group["evidence"] == "posts"]
    pages = {page["page_id"]: page for page in record["pages"]}
    assert posts["listed"]
    for act in posts["listed"]:
        page = pages[act["page_id"]]
        assert re.fullmatch(r"[0-9a-f]{64}", page["sha256"])
        assert page["archive_file"].startswith("pages/")
        assert page["is_intact"]
    assert all(act["link"].startswith("http") for act in posts["listed"])
    assert posts["own_count"] >= len(posts["listed"])


def test_most_limits_what_is_listed_and_not_what_is_counted(ask, record):
    few = json.loads(ask("a", "--json", "--most", "1").stdout)
    assert [len(group["listed"]) for group in few["acts"]] == [1]
    assert few["acts"][0]["own_count"] == record["acts"][0]["own_count"]


def test_channels_are_told_with_the_days_that_were_seen(record):
    for channel in record["channels"]:
        assert 0 <= channel["seen_day_count"] <= channel["day_count"] == 91


def test_names_are_shown_without_what_a_terminal_would_obey(ask):
    for name in ("b", "c"):
        done = ask(name)
        assert done.exit_code == 0, done.output
        assert "\t" not in done.output
    assert plain("a\x1b[31m\nb\u202e") == "a [31m b "


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "name an organization, or a bundle with --check FILE.zip"),
        (("hyperlink",), 2, "no organization 'hyperlink'; "),
        (("aa",), 2, "did you mean a?"),
        (("a", "--week", "soon"), 2, "--week 'soon' is no date"),
        (
            ("a", "--week", "2024-03-06"),
            2,
            "nothing was measured for the week of Monday 2024-03-04",
        ),
        (("a", "--week", "2024-03-06"), 2, "`barograph build --as-of 2024-03-11`"),
    ],
)
def test_what_cannot_be_explained_is_told_with_the_remedy(ask, arguments, code, words):
    done = ask(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr


def test_what_was_measured_and_not_estimated_says_what_to_run(ask, changed):
    done = ask("a", folder=changed("delete from estimates.stages"))
    assert done.exit_code == 1
    assert "a has no estimate; run `barograph estimate`" in done.stderr


def test_without_a_warehouse_the_first_step_is_told(ask, tmp_path):
    done = ask("a", folder=tmp_path)
    assert done.exit_code == 1
    assert "no warehouse yet" in done.stderr


def test_every_part_that_is_no_family_has_words():
    names = ("AVERAGE", "SIZE", "NOT_SEEN", "DOUBT", "LABELS")
    assert set(PARTS) == {getattr(contributions, name) for name in names}


def test_every_signal_says_what_it_is_measured_from():
    assert set(EVIDENCE) == set(SIGNAL_CODES) >= set(FEATURE_CODES)


@pytest.mark.parametrize(
    ("log_odds", "words"),
    [
        (0.05, "next to nothing"),
        (0.3, "a little for"),
        (-0.7, "clearly against"),
        (2.0, "strongly for"),
    ],
)
def test_a_push_has_words_for_its_size_and_its_way(log_odds, words):
    assert push_words(log_odds) == words
