"""What speaks for and against each threshold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from classifiers.contributions import (
    AVERAGE,
    DOUBT,
    LABELS,
    NOT_SEEN,
    SIZE,
    contributions_to,
)
from classifiers.features import families_of, feature_names
from classifiers.signals import FEATURE_CODES, signal_named
from classifiers.training import matrix_of

FAMILIES = families_of(FEATURE_CODES)


@pytest.fixture(scope="module")
def matrix(labelled):
    return matrix_of(labelled)


@pytest.mark.parametrize("name", ["cold_start", "corrected"])
def test_the_parts_add_up_to_the_log_odds_of_every_threshold(request, matrix, name):
    model = request.getfixturevalue(name)
    probabilities = model.classifier.predict_proba(matrix)
    above = -logit(np.cumsum(probabilities, axis=1)[:, :-1])
    parts = contributions_to(model, matrix, probabilities)
    sums = np.array([np.sum([part.log_odds for part in row], axis=0) for row in parts])
    assert sums.shape == (400, 5)
    np.testing.assert_allclose(sums, above, atol=1e-6)


def test_every_family_has_a_part_and_so_has_what_is_none(cold_start, matrix):
    [parts] = explained(cold_start, matrix[:1])
    assert [part.part for part in parts] == [AVERAGE, *FAMILIES, SIZE, NOT_SEEN, DOUBT]


def test_labels_have_a_part_only_where_the_model_has_seen_any(cold_start, corrected, matrix):
    without, [with_labels] = explained(cold_start, matrix), explained(corrected, matrix[:1])
    assert not any(part.part == LABELS for parts in without for part in parts)
    assert with_labels[-1].part == LABELS
    assert any(with_labels[-1].log_odds)


def test_labels_leave_the_other_parts_alone(cold_start, corrected, matrix):
    [without], [with_labels] = (explained(each, matrix[:1]) for each in (cold_start, corrected))
    assert with_labels[:-1] == without


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_with_nothing_seen_contributes_nothing_but_its_absence(cold_start, matrix, family):
    names = feature_names(FEATURE_CODES)
    hidden = matrix[:20].copy()
    hidden[:, [names.index(code) for code in codes_of(family)]] = np.nan
    absence = names.index(f"absent_{family}")
    evidence = cold_start.evidence
    offset = evidence.predict_position(hidden).completed[:, absence] - evidence.mean_[absence]
    parts = [part_of(row, family) for row in explained(cold_start, hidden)]
    np.testing.assert_allclose(
        [part.log_odds for part in parts], np.outer(offset, evidence.coef_[:, absence]), atol=1e-9
    )
    assert {part.seen_share for part in parts} == {0.0}


def test_the_share_of_a_family_that_was_seen_is_told(cold_start, matrix):
    half = matrix[:1].copy()
    columns = [FEATURE_CODES.index(code) for code in codes_of("dialogue")]
    half[:, columns], half[:, columns[:2]] = np.nan, 0.1
    [parts] = explained(cold_start, half)
    assert part_of(parts, "dialogue").seen_share == pytest.approx(2 / len(columns))
    assert part_of(parts, AVERAGE).seen_share is None
    assert part_of(parts, DOUBT).seen_share is None


def test_a_size_that_is_not_told_contributes_nothing(cold_start, matrix):
    untold = matrix[:1].copy()
    untold[:, -1] = np.nan
    [parts] = explained(cold_start, untold)
    assert set(part_of(parts, SIZE).log_odds) == {0.0}
    assert part_of(parts, SIZE).seen_share == 0.0


def test_with_everything_seen_nothing_is_inferred_and_hardly_anything_doubted(cold_start, matrix):
    [parts] = explained(cold_start, seen_whole(matrix))
    assert set(part_of(parts, NOT_SEEN).log_odds) == {0.0}
    np.testing.assert_allclose(part_of(parts, DOUBT).log_odds, 0.0, atol=0.05)


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=15, deadline=None)
def test_a_better_reply_rate_never_pushes_down(cold_start, matrix, one, other):
    worse, better = (seen_whole(matrix) for _ in range(2))
    column = FEATURE_CODES.index("reply_rate_72h")
    worse[0, column], better[0, column] = sorted([one, other])
    [low], [high] = (explained(cold_start, row) for row in (worse, better))
    rises = np.subtract(part_of(high, "dialogue").log_odds, part_of(low, "dialogue").log_odds)
    assert (rises >= 0).all()
    for name in {AVERAGE, SIZE, NOT_SEEN, *FAMILIES} - {"dialogue"}:
        assert part_of(low, name) == part_of(high, name)


def test_answering_most_people_speaks_for_every_stage_above(cold_start, matrix):
    row = seen_whole(matrix)
    parts = []
    for rate in (0.05, 0.6):
        row[0, FEATURE_CODES.index("reply_rate_72h")] = rate
        [explanation] = explained(cold_start, row)
        parts.append(part_of(explanation, "dialogue").log_odds)
    assert (np.subtract(parts[1], parts[0]) > 0.1).all()


def explained(model, matrix):
    return contributions_to(model, matrix, model.classifier.predict_proba(matrix))


def seen_whole(matrix):
    """A row without a gap: what is usual wherever the first row has none."""
    usual = np.nanmedian(matrix, axis=0)
    return np.where(np.isnan(matrix[:1]), usual, matrix[:1])


def part_of(parts, name):
    (found,) = [part for part in parts if part.part == name]
    return found


def codes_of(family):
    return [code for code in FEATURE_CODES if signal_named(code).family == family]
