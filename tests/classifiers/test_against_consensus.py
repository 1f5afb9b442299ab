"""Model and raters against what the other raters say: figures that can be checked by hand."""

import numpy as np
import pytest

from classifiers.evaluating.against_consensus import FEWEST_CODES, against_consensus

NAMES = np.array([f"organization-{at}" for at in range(12)])
STAGES = np.tile([1, 2, 3, 4, 5, 6], 2)


def test_without_a_second_rater_there_is_no_consensus():
    assert against_consensus([{"anna": 2}] * 12, NAMES, said(STAGES), 100) is None
    assert against_consensus([], NAMES, said(STAGES), 100) is None


def test_raters_who_agree_are_at_the_consensus_and_the_model_where_it_is():
    codes = [{"anna": int(stage), "ben": int(stage)} for stage in STAGES]
    together = against_consensus(codes, NAMES, said(np.clip(STAGES + 1, 1, 6)), 200).rows[0]
    assert together.rater_error[:3] == (0, 0, 0)
    assert together.rater_kappa.value == 1
    assert together.model_error.value == pytest.approx(10 / 12)
    assert together.difference.value == pytest.approx(10 / 12)
    assert together.model_error.low < 10 / 12 < together.model_error.high
    assert together.rater_error.n == 24


def test_of_two_others_both_codes_count_half():
    codes = [{"anna": 1, "ben": 2, "cleo": 4}] * 12
    rows = {
        row.rater: row for row in against_consensus(codes, NAMES, said(np.full(12, 3)), 50).rows
    }
    assert rows["anna"].rater_error.value == (1 + 3) / 2
    assert rows["ben"].rater_error.value == (1 + 2) / 2
    assert rows["cleo"].rater_error.value == (3 + 2) / 2
    assert rows["anna"].model_error.value == (1 + 1) / 2
    assert rows["all raters"].rater_error.n == 36


def test_a_rater_is_never_in_the_consensus_that_it_is_compared_with():
    """Three raters say 3, one says 6: with its own code the median would be nearer to it."""
    codes = [{"anna": 3, "ben": 3, "cleo": 3, "dora": 6}] * 12
    rows = {
        row.rater: row for row in against_consensus(codes, NAMES, said(np.full(12, 3)), 50).rows
    }
    assert rows["dora"].rater_error.value == 3
    assert rows["anna"].rater_error.value == 0


def test_labels_with_one_rater_and_raters_with_few_codes_are_not_shown_apart():
    codes = [{"anna": 3, "ben": 3}] * 11 + [{"anna": 4}]
    codes[0] = {"anna": 3, "ben": 3, "cleo": 3}
    found = against_consensus(codes, NAMES, said(STAGES), 50)
    assert found.double_coded_count == 11 >= FEWEST_CODES
    assert [row.rater for row in found.rows] == ["all raters", "anna", "ben"]


def test_sixty_organizations_are_needed_to_rely_on_it():
    names = np.array([f"organization-{at}" for at in range(60)])
    codes, shares = [{"anna": 2, "ben": 3}] * 60, said(np.full(60, 2))
    assert against_consensus(codes, names, shares, 20).is_firm
    assert not against_consensus(codes[:59], names[:59], shares[:59], 20).is_firm
    same = np.repeat(names[:30], 2)
    assert against_consensus(codes, same, shares, 20).double_coded_count == 30


def said(stages):
    return np.eye(6)[np.asarray(stages) - 1]
