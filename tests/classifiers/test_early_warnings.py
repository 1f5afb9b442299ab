"""Early warnings: two signals, never one, never where less was seen; and how often by chance."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import norm, t

from classifiers.early_warnings import Measured, deviations, early_warnings

MONDAY = date(2024, 1, 1)
WEEK_COUNT = 117  # a year of past, then a year that is watched
CHANGE = 85


def test_a_deviation_is_that_of_a_t_test_with_overlapping_windows_by_hand():
    past = [0.4, 0.6] * 26
    found = deviations([share(at, value) for at, value in enumerate([*past, *[0.5] * 12, 0.2])])
    scaled = np.arcsin(np.sqrt(past))
    lags = np.abs(np.subtract.outer(range(52), range(52)))
    error = np.maximum(0, 1 - lags / 13).mean()
    variance = max(scaled.var() / (1 - error), 1 / (4 * 200))
    ratio = (scaled.mean() - np.arcsin(np.sqrt(0.2))) / np.sqrt(variance * (1 + error))
    assert found[-1].deviation == pytest.approx(norm.isf(t.sf(ratio, 1 / error - 1)))
    assert found[-1].added_up == pytest.approx((found[-1].deviation - 0.5) / 13)
    assert [one.deviation for one in found[:38]] == [None] * 38


def test_one_signal_alone_never_warns_and_two_do():
    replies = series(share, 0.6, 0.2)
    hours = series(waiting, 4.0, 15.0)
    assert early_warnings(replies) == ()
    [warned] = early_warnings([*hours, *replies])
    assert set(warned.signal_codes) == {"reply_rate_72h", "response_hours_median"}
    assert week(CHANGE) < warned.since < week(CHANGE + 13)


def test_what_gets_better_never_warns():
    assert early_warnings([*series(share, 0.2, 0.8), *series(waiting, 15.0, 3.0)]) == ()


def test_signals_that_are_not_watched_are_passed_over():
    posts = [one._replace(signal_code="posts_per_week") for one in series(share, 0.6, 0.2)]
    assert early_warnings([*series(share, 0.6, 0.2), *posts]) == ()


@pytest.mark.parametrize(
    "hide",
    [
        lambda one: one._replace(coverage_share=0.5),
        lambda one: one._replace(coverage_share=0.8),  # 1.0 before
        lambda one: one._replace(coverage_share=None),
        lambda one: one._replace(value=None),
    ],
)
def test_weeks_in_which_less_was_seen_never_warn(hide):
    both = [*series(share, 0.6, 0.2), *series(waiting, 4.0, 15.0)]
    assert early_warnings([hide(one) if one.week >= week(CHANGE) else one for one in both]) == ()


def test_weeks_in_which_a_platform_was_out_never_warn():
    both = [*series(share, 0.6, 0.2), *series(waiting, 4.0, 15.0)]
    outages = {week(at) for at in range(CHANGE, WEEK_COUNT)}
    assert early_warnings(both, outages) == ()


def test_a_gap_keeps_what_has_added_up():
    replies = series(share, 0.6, 0.2)
    kept = [one for one in replies if not CHANGE + 5 <= (one.week - MONDAY).days // 7 < CHANGE + 9]
    found = {one.week: one.added_up for one in deviations(kept)}
    assert week(CHANGE + 6) not in found
    assert found[week(CHANGE + 9)] > found[week(CHANGE + 4)] > 0


def test_too_short_a_past_says_nothing():
    both = [*series(share, 0.6, 0.2), *series(waiting, 4.0, 15.0)]
    late = [one for one in both if one.week >= week(CHANGE - 30)]
    assert early_warnings([one for one in late if one.week < week(CHANGE + 8)]) == ()
    assert early_warnings([]) == ()


def test_without_a_change_few_organizations_a_year_are_warned_of_and_after_one_most():
    """Bounds are wide; 1.7 % of 300 organizations were measured, and all of 100 after a change."""
    still = [bool(early_warnings(organization(seed))) for seed in range(60)]
    fallen = [bool(early_warnings(organization(seed, has_changed=True))) for seed in range(20)]
    assert sum(still) <= 6
    assert sum(fallen) >= 17


def organization(seed, *, has_changed=False):
    """Weekly counts of independent weeks, rolled up to windows of 13 weeks."""
    generator = np.random.default_rng(seed)
    worse = (np.arange(WEEK_COUNT + 12) >= CHANGE + 12) & has_changed
    asked = generator.poisson(8, len(worse))
    replied = generator.binomial(asked, np.where(worse, 0.25, 0.5))
    log_hours = generator.normal(np.where(worse, 2.7, 1.8), 1.2 / np.sqrt(np.maximum(asked, 1)))
    is_active = generator.random(len(worse)) < np.where(worse, 0.6, 0.95)
    found = []
    for at in range(WEEK_COUNT):
        window = slice(at, at + 13)
        n = int(asked[window].sum())
        middle = np.average(log_hours[window], weights=np.maximum(asked[window], 1))
        found += [
            share(at, replied[window].sum() / n, n),
            waiting(at, np.exp(middle), 2.35 / np.sqrt(n)),
            share(at, is_active[window].mean(), 13)._replace(signal_code="active_weeks_share"),
            share(at, 0.25, 4)._replace(signal_code="dormant_share"),
        ]
    return found


def series(make, before, after):
    """A signal that wavers a little and changes for good in one week."""
    wavers = np.random.default_rng(0).normal(1, 0.02, WEEK_COUNT)
    return [make(at, (before if at < CHANGE else after) * wavers[at]) for at in range(WEEK_COUNT)]


def share(at, value, n=200):
    return Measured("reply_rate_72h", week(at), float(value), n, 1.0)


def waiting(at, hours, spread=0.2):
    bounds = (hours * np.exp(-spread), hours * np.exp(spread))
    return Measured("response_hours_median", week(at), float(hours), 100, 1.0, *map(float, bounds))


def week(at):
    return MONDAY + timedelta(weeks=at)
