"""The card of a model: all that a reader must know before using it."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from labelled_worlds import labelled_table
from measured_project import small_model
from model_card_page import DOCUMENT, rendered

from classifiers.abstention import WIDE_SET_STAGE_COUNT, AbstentionReason
from classifiers.persistence import load_model
from flows.modelcard import (
    card_figures,
    evaluated,
    expires_on,
    model_card,
    shown_on,
    with_raters,
)
from flows.shiftcard import shift_figures, shift_warnings

SECTIONS = (
    "For what",
    "Labels",
    "Raters",
    "Self-assessments",
    "How the model was chosen",
    "How well it does",
    "From one kind of world to another",
    "Prediction sets",
    "When it abstains",
    "Missing signals",
    "What each stage rests on",
    "Simulators",
    "What it was made from",
    "Warnings",
    "Until when",
)
LABELLED = (12, 33, 22, 8, 6, 9)


@pytest.fixture(scope="module")
def cold():
    return small_model()


@pytest.fixture(scope="module")
def labelled(cold):
    return replace(cold, source="offset", label_counts=LABELLED, model_version="offset-90+0")


def test_the_document_is_the_card_of_the_shipped_model(models):
    [path] = models.glob("*.skops")
    document = DOCUMENT.read_text("utf-8")
    assert rendered(load_model(path)) == document, "run: tests/support/model_card_page.py"


def test_a_card_has_every_section_once_and_nothing_left_to_fill_in(cold, labelled):
    for card in (card_of(cold), card_of(labelled)):
        assert tuple(re.findall(r"^## (.+)$", card, re.MULTILINE)) == SECTIONS
        assert not re.search(r"\$[a-z]", card)


def test_intended_and_prohibited_use_are_stated(cold):
    told = section(card_of(cold), "For what")
    assert "what an organization claims of itself" in told
    assert "Not for ranking, procurement" in told


def test_every_reason_to_abstain_is_listed_with_its_limit(cold):
    told = section(card_of(cold), "When it abstains")
    assert all(f"`{reason}`" in told for reason in AbstentionReason if reason)
    assert f"holds {WIDE_SET_STAGE_COUNT} stages or more" in told


def test_assumptions_are_counted_with_their_guesses_and_digests(cold):
    told = section(card_of(cold), "Simulators")
    found = re.findall(r"`classifiers/\S+\.toml` \| (\d+) \| (\d+) \| `[0-9a-f]{64}` \|", told)
    assert len(found) == 2
    assert all(0 < int(guesses) < int(rows) for rows, guesses in found)


def test_both_directions_have_every_kept_figure(cold):
    told = section(card_of(cold), "From one kind of world to another")
    cases = shift_figures()["directions"]
    assert len({case["learned"] for case in cases}) == 2
    for case in cases:
        for name in ("mae", "rps", "coverage", "off_by_two", "set_size"):
            mean, half = case["means"][name]
            assert f"{mean:.3f} ± {half:.3f}" in told


def test_a_model_without_labels_shows_what_the_shipped_one_does_in_unseen_worlds(cold):
    told = section(card_of(cold), "How well it does")
    for case in shift_figures()["shipped"]:
        mean, half = case["means"]["mae"]
        assert f"{mean:.3f} ± {half:.3f}" in told
    assert "which is **not** this version" in told
    same = replace(cold, model_version=shift_figures()["model_version"])
    assert "with this very version" in section(card_of(same), "How well it does")


def test_a_model_of_labels_is_not_evaluated_until_it_is(labelled):
    card = card_of(labelled)
    assert "run `barograph evaluate`" in section(card, "How well it does")
    assert evaluated(card, row_of(labelled)) == card
    told = section(evaluated(card, row_of(labelled, EVALUATION)), "How well it does")
    assert "Not evaluated yet" not in told
    assert "| Mean absolute error, stages | 0.610 (0.500 to 0.720), n = 90 |" in told
    assert "| 90% sets | 0.910 (0.850 to 0.960), n = 90 | 3.100 (2.900 to 3.300), n = 90 |" in told
    assert "Worst stage of the 90 % sets: Formalized, 0.500 (0.200 to 0.800), n = 12." in told
    assert "that is below 65%" in told
    assert "fewer than 10 labels at Strategic, Converged" in told
    assert "no two industries" in told
    assert "- beware" in told


def test_an_evaluation_changes_no_other_section(labelled):
    before = card_of(labelled)
    after = evaluated(before, row_of(labelled, EVALUATION))
    for title in SECTIONS:
        is_same = section(before, title) == section(after, title)
        assert is_same == (title != "How well it does")
    assert evaluated(after, row_of(labelled, EVALUATION)) == after


def test_kinds_with_enough_labels_have_their_table(labelled):
    kind = {"kind": "retail", "n": 30, "mean_absolute_error": SCORE, "bias": SCORE}
    found = EVALUATION | {"subgroups": {"industry": [kind | {"coverage_0.9": SCORE}]}}
    told = section(evaluated(card_of(labelled), row_of(labelled, found)), "How well it does")
    assert "| industry: retail | 0.610 (0.500 to 0.720), n = 90 |" in told


def test_too_few_labels_are_told(labelled):
    found = EVALUATION | {"scores": {}, "label_count": 7}
    told = section(evaluated(card_of(labelled), row_of(labelled, found)), "How well it does")
    assert "had 7 labels, too few" in told


def test_figures_of_another_source_are_told_as_such(labelled):
    found = EVALUATION | {"sources": "recalibrated"}
    told = section(evaluated(card_of(labelled), row_of(labelled, found)), "How well it does")
    assert (
        "The folds chose the source recalibrated, while this model is of the source offset" in told
    )


def test_labels_judge_a_model_that_none_of_them_taught(cold):
    found = EVALUATION | {"baselines": {"cold_start": {"mean_absolute_error": SCORE}}}
    told = section(evaluated(card_of(cold), row_of(cold, found)), "How well it does")
    assert "On 90 labels of 80 organizations, none of which it had seen" in told
    assert "0.610 (0.500 to 0.720)" in told


def test_a_model_that_claims_taught_never_shows_figures_of_another(labelled):
    row = row_of(labelled, EVALUATION) | {"claim_count": 3}
    told = section(evaluated(card_of(labelled), row), "How well it does")
    assert "0.610" not in told
    assert "under Self-assessments" in told


def test_raters_are_told_with_what_they_saw_how_many_and_when(labelled):
    days = np.array(["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"], "datetime64[D]")
    saw = np.array(["documents", "both", "documents", "documents"])
    table = labelled_table(4).changed(saw=saw, about_days=days)
    codes = ({"r1": 2, "r2": 3}, {"r1": 2}, {"r2": 4}, {"r2": 1})
    told = section(with_raters(card_of(labelled), table, codes), "Raters")
    assert "| r1 | both | 1 | 2026-02-28 | 2026-02-28 |" in told
    assert "| r1 | documents | 1 | 2026-01-31 | 2026-01-31 |" in told
    assert "| r2 | documents | 3 | 2026-01-31 | 2026-04-30 |" in told
    assert "| all | documents | 3 |" in section(card_of(labelled, table), "Raters")


def test_stages_without_labels_are_said_to_rest_on_simulation(labelled):
    told = section(card_of(labelled), "What each stage rests on")
    assert "| 2 Presence | 33 | labels and simulated worlds |" in told
    assert "| 6 Converged | 9 | simulated worlds, and few labels |" in told
    assert "Strategic or Converged" in told
    many = replace(labelled, label_counts=(0, 30, 30, 30, 10, 10))
    told = section(card_of(many), "What each stage rests on")
    assert "| 1 Planning | 0 | simulated worlds alone |" in told
    assert "Strategic or Converged" not in told


def test_stages_that_the_sets_hold_too_rarely_are_warned_of():
    case = {"learned": "capability", "judged": "graded_response", "label_count": 50}
    worst = {"stage_code": 6, "coverage": 0.64, "n": 99}
    figures = {"directions": [case | {"worst_stage": worst}], "shipped": []}
    too_rare, too_few = shift_warnings(figures, with_labels=True)
    assert too_rare.startswith("with 50 labels, from capability to graded response, ")
    assert too_rare.endswith("hold Converged in only 0.64 of 99 cases")
    assert too_few == "coverage of the worst stage rests on as few as 99 organizations"
    assert shift_warnings(figures, with_labels=False) == []
    worst |= {"coverage": 0.65, "n": 100}
    assert shift_warnings(figures, with_labels=True) == []


def test_what_simulated_worlds_warn_of_stands_on_the_card(cold, labelled):
    for model, with_labels in ((cold, False), (labelled, True)):
        told = section(card_of(model), "Warnings")
        expected = shift_warnings(shift_figures(), with_labels=with_labels)
        assert [text for text in expected if text not in told] == []


@pytest.mark.parametrize(
    ("trained", "last"),
    [
        (date(2026, 11, 22), date(2027, 11, 22)),
        (date(2028, 2, 29), date(2029, 2, 28)),
    ],
)
def test_a_model_expires_after_twelve_months(trained, last):
    assert expires_on(trained) == last


def test_a_card_tells_whether_its_model_has_expired(cold):
    card, row = card_of(cold), row_of(cold)
    assert "has not expired (as of 2027-11-21)" in words(shown_on(card, row, date(2027, 11, 21)))
    assert "It has expired" in shown_on(card, row, date(2027, 11, 22))
    assert card_figures(row, date(2027, 11, 22))["is_expired"]
    assert "has expired" not in card


def test_a_card_of_before_these_sections_gets_them_at_its_end(cold):
    told = shown_on("# Model card: old\n\n## Labels\nNone.\n", row_of(cold), date(2026, 12, 1))
    assert told.startswith("# Model card: old\n\n## Labels\nNone.\n\n## Until when\n")


SCORE = {"value": 0.61, "low": 0.5, "high": 0.72, "n": 90}


def stage_score(value, n):
    return {"value": value, "low": 0.2, "high": 0.8, "n": n}


EVALUATION = {
    "label_count": 90,
    "organization_count": 80,
    "sources": "offset",
    "scores": {"mean_absolute_error": SCORE},
    "sets": {
        "0.9": {
            "coverage": {"value": 0.91, "low": 0.85, "high": 0.96, "n": 90},
            "size": {"value": 3.1, "low": 2.9, "high": 3.3, "n": 90},
            **dict.fromkeys(("coverage_presence", "coverage_engagement"), stage_score(0.9, 30)),
            "coverage_planning": stage_score(0.8, 12),
            "coverage_formalized": stage_score(0.5, 12),
            "coverage_strategic": stage_score(0.7, 6),
            "coverage_converged": stage_score(None, 0),
        }
    },
    "subgroups": {},
    "baselines": {},
    "warnings": ["beware"],
}


def card_of(model, table=None):
    return model_card(model, row_of(model), table)


def row_of(model, evaluation=None):
    return {
        "model_version": model.model_version,
        "source": model.source,
        "trained_at": datetime(2026, 11, 22, 10, tzinfo=UTC),
        "claim_count": 0,
        "file_sha256": "f" * 64,
        "labels_sha256": "",
        "trials": "[]",
        "evaluation": json.dumps(evaluation) if evaluation else "",
    }


def section(card, title):
    return words(card.partition(f"## {title}\n")[2].partition("\n## ")[0])


def words(text):
    """A text without the places where its lines were broken."""
    return " ".join(text.split())
