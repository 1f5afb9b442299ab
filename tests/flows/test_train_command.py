"""Training models, listing them, and choosing one."""

import json
import shutil

import pytest

from classifiers import coldstart
from flows.commands.frame import SOURCES

HEAD = "organization,stage,rater,saw,coded_on,about\n"


@pytest.fixture
def project(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "project")


@pytest.fixture
def say(barograph_in, project):
    def run(*arguments, code=0):
        done = barograph_in(project, *arguments)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    return run


def test_what_labels_may_say_is_offered_as_models_name_it():
    assert ("auto", *coldstart.SOURCES) == SOURCES


def test_the_model_of_a_first_run_is_registered_with_its_card(say, project):
    [row] = json.loads(say("models", "--json"))
    assert row["source"] == "simulator"
    assert row["label_count"] == 0
    assert row["is_current"]
    card = (project / "data/models" / f"{row['model_version']}.md").read_text("utf-8")
    assert row["file_sha256"] in card
    assert "Not for ranking" in card
    assert "None. Everything that this model says rests on assumptions" in card
    assert say("models", "show").startswith(card.rstrip())


def test_without_labels_it_says_how_to_get_them(say):
    message = say("train", code=1)
    assert "barograph labels import FILE" in message
    assert "--cold-start" in message


def test_labels_of_organizations_of_which_too_little_was_seen_teach_nothing(say, project):
    codes = "".join(f"{name},2,r1,documents,2026-11-20,2026-11-20\n" for name in "abc")
    (project / "codes.csv").write_text(HEAD + codes)
    say("labels", "import", "codes.csv")
    assert "3 labelled organizations have too little evidence" in say("train", code=1)


@pytest.fixture(scope="module")
def trained_twice(finished, barograph_in, tmp_path_factory):
    """A project with a second model beside that of its first run."""
    folder = shutil.copytree(finished, tmp_path_factory.mktemp("twice") / "project")
    done = barograph_in(folder, "train", "--cold-start", "--seed", "7")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def twice(barograph_in, trained_twice, tmp_path):
    """Runs the command in a copy of that project."""
    folder = shutil.copytree(trained_twice, tmp_path / "twice")

    def run(*arguments, code=0):
        done = barograph_in(folder, *arguments)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    return run


def test_an_earlier_model_can_be_chosen_again_and_an_unknown_one_names_the_others(say, twice):
    [first] = json.loads(say("models", "--json"))
    say = twice
    assert json.loads(say("models", "--json"))[0]["model_version"] != first["model_version"]
    chosen = json.loads(say("models", "use", first["model_version"], "--json"))
    assert chosen[0]["model_version"] == first["model_version"]
    assert first["model_version"] in say("models", "use", "best", code=2)


def test_the_card_of_any_model_is_shown_and_an_unknown_one_names_the_others(say, twice):
    [first] = json.loads(say("models", "--json"))
    say = twice
    assert say("models", "show", first["model_version"]).startswith(
        f"# Model card: {first['model_version']}\n"
    )
    assert f"# Model card: {first['model_version']}\n" not in say("models", "show")
    assert first["model_version"] in say("models", "show", "best", code=2)


def test_the_card_for_machines_is_its_row_with_the_figures(say):
    [row] = json.loads(say("models", "--json"))
    found = json.loads(say("models", "show", "--json"))
    same = ("model_version", "seed", "file_sha256", "trained_at", "is_current")
    assert [found[name] for name in same] == [row[name] for name in same]
    assert found["evaluation"] is None
    assert found["trials"] == []
    assert found["is_expired"] is False
    assert int(found["expires_on"][:4]) == int(row["trained_at"][:4]) + 1
    assert found["shift_figures"]["directions"]


def test_a_version_where_a_command_belongs_is_told_what_to_do_with_it(say):
    message = say("models", "cold-start-3+00000000", code=2)
    assert "`barograph models show VERSION`" in message
    assert "`barograph models use VERSION`" in message
    assert "give options behind `show`" in say("models", "--json", "show", code=2)


def test_a_card_that_is_gone_is_named(say, project):
    for path in (project / "data/models").glob("*.md"):
        path.unlink()
    assert "no such card; train the model again" in say("models", "show", code=2)


def test_a_replayed_warehouse_still_knows_its_models(say):
    before = say("models")
    say("replay")
    assert say("models") == before


def test_estimates_come_with_all_that_they_are_made_of(say, project):
    say("export", "out")
    header = (project / "out/estimates.csv").read_text("utf-8").splitlines()[0]
    for name in ("stage_label", "is_out_of_fold", "saw_claim", "probability_6", "model_version"):
        assert name in header


def test_organizations_to_code_next_are_proposed_without_their_estimates(say):
    found = json.loads(say("labels", "next", "--count", "2", "--json"))
    assert all(set(row) == {"organization_id", "gain_bits", "model_version"} for row in found)
    assert len(found) <= 2
