"""Reports of organizations about themselves, some with the true stage beside them."""

from dataclasses import replace

import numpy as np

from classifiers.report_shift import ShiftPriors, fit_report_shift
from classifiers.self_reports import NOT_CODED, SelfReports

STEPS = np.arange(-2, 4)


def test_posteriors_follow_from_bayes_and_anchors_stay_what_they_are():
    shift = fit_report_shift(np.zeros((1, 6, 6)), STEPS, ShiftPriors(slope_spread=0.0))
    reports = plain_reports(reported=[2, 2], anchors=[NOT_CODED, 5])
    shares = np.full(6, 1 / 6)
    posterior = reports.posterior(shares, shift)
    products = shares * shift.report_probabilities()[0, :, 2]
    np.testing.assert_allclose(posterior[0], products / products.sum(), atol=1e-6)
    np.testing.assert_array_equal(posterior[1], [0, 0, 0, 0, 0, 1])


def test_an_anchor_far_off_counts_at_the_end_of_the_support():
    reports = plain_reports(reported=[5, 0, 5], anchors=[0, 5, NOT_CODED])
    certain = np.eye(6)[[0, 5, 0]]
    counts = reports.step_counts(certain, STEPS)
    assert counts[0, 0].tolist() == [0, 0, 0, 0, 0, 1]
    assert counts[0, 5].tolist() == [1, 0, 0, 0, 0, 0]
    doubled = replace(reports, weights=np.full(3, 2.0))
    np.testing.assert_array_equal(doubled.step_counts(certain, STEPS), 2 * counts)


def plain_reports(reported, anchors):
    count = len(reported)
    return SelfReports(
        reported_codes=np.array(reported),
        true_codes=np.array(anchors),
        rater_codes=np.zeros(count, dtype=int),
        weights=np.ones(count),
        class_count=6,
    )
