"""Gaps that our own collection left: those tied to the stage are found, explained ones are not."""

import numpy as np
import pytest
from labelled_worlds import labelled_table

from classifiers.evaluating.gap_tests import FEWEST_OF_EACH, gap_tests
from classifiers.signals import FEATURE_CODES, MissingReason, signal_named

LEVEL = 0.01
REPLIES = ("reply_rate_72h", "question_reply_rate_72h", "reply_rate_1h", "response_hours_median")
CONVERSATIONS = tuple(
    code
    for code in FEATURE_CODES
    if signal_named(code).family in ("dialogue", "community", "people") or "reply" in code
)


@pytest.fixture(scope="module")
def clean():
    return labelled_table(200, seed=4)


def test_without_a_gap_nothing_is_tested(clean):
    reasons = np.where(clean.reasons == "unobserved", "undefined", clean.reasons)
    assert gap_tests(clean.changed(reasons=reasons)) == []


def test_a_gap_at_low_stages_is_found_with_its_sign(clean):
    [first, *_] = gap_tests(with_gaps(clean, REPLIES, clean.stage_codes <= 2, 0.8, 0.1))
    assert first.p < LEVEL
    assert first.gap in (*REPLIES, "group dialogue", "group conversations")
    assert first.stages_apart < -0.5


def test_a_gap_in_all_that_is_read_in_conversations_is_found(clean):
    [first, *_] = gap_tests(with_gaps(clean, CONVERSATIONS, clean.stage_codes <= 2, 0.8, 0.1))
    assert first.p < LEVEL


def test_gaps_dealt_by_chance_are_rarely_called_tied(clean):
    generator = np.random.default_rng(5)
    shuffled = [
        clean.changed(stage_codes=generator.permutation(clean.stage_codes)) for _ in "123456"
    ]
    found = [
        gap_tests(with_gaps(each, REPLIES, each.stage_codes <= 2, 0.4, 0.4)) for each in shuffled
    ]
    assert sum(tests[0].p < LEVEL for tests in found) <= 1


def test_a_long_window_that_fails_where_much_is_posted_is_explained_by_posting(clean):
    """Who posts much fills a short list of entries, and posting is evidence of its own."""
    posts = clean.X[:, FEATURE_CODES.index("posts_per_week")]
    posts_much = posts > np.nanmedian(posts)
    table = with_gaps(clean, ("returning_participant_share",), posts_much, 0.9, 0.05)
    is_gap = table.reasons[:, FEATURE_CODES.index("returning_participant_share")] == "unobserved"
    apart = clean.stage_codes[is_gap].mean() - clean.stage_codes[~is_gap].mean()
    tests = {test.gap: test for test in gap_tests(table)}
    assert apart > 0.5
    assert tests["returning_participant_share"].p > LEVEL


def test_organizations_without_the_channel_are_left_out(clean):
    at = FEATURE_CODES.index("reply_rate_72h")
    tests = gap_tests(with_gaps(clean, REPLIES, clean.stage_codes <= 2, 0.8, 0.1))
    [own] = [test for test in tests if test.gap == "reply_rate_72h"]
    counted = (clean.reasons[:, at] != MissingReason.ABSENT).sum()
    assert own.n_with_gap + own.n_without == counted < len(clean)


def test_too_few_gaps_are_not_tested(clean):
    reasons = np.where(clean.reasons == "unobserved", "", clean.reasons)
    places = np.flatnonzero(reasons[:, 0] == "")[: FEWEST_OF_EACH - 1]
    reasons[places, 0] = "unobserved"
    assert gap_tests(clean.changed(reasons=reasons)) == []


def test_tests_come_by_their_p_and_again_the_same(clean):
    table = with_gaps(clean, REPLIES, clean.stage_codes <= 2, 0.5, 0.2)
    found = gap_tests(table)
    assert [test.p for test in found] == sorted(test.p for test in found)
    assert all(0 < test.p <= 1 for test in found)
    assert gap_tests(table) == found


def with_gaps(table, codes, is_hit, share, share_of_others):
    """A crawler that misses all of some signals at once; what is absent stays absent."""
    chance = np.where(is_hit, share, share_of_others)
    is_missed = np.random.default_rng(0).random(len(table)) < chance
    rows, reasons = table.X.copy(), table.reasons.copy()
    for column in map(FEATURE_CODES.index, codes):
        is_gap = is_missed & (reasons[:, column] != "absent")
        rows[is_gap, column], reasons[is_gap, column] = np.nan, "unobserved"
    return table.changed(X=rows, reasons=reasons)
