"""Worlds whose organizations report their stage too high, some of them coded by experts."""

import numpy as np

STAGES = np.arange(1, 7)
#: Mean shift of the reports by true stage.
SHIFTS = {
    "constant": np.full(6, 0.7),
    "falling": np.linspace(1.1, 0.2, 6),
    "rising": np.linspace(0.2, 1.1, 6),
}


def rows_of_world(seed, count, part=0):
    """Features of a world: the stage shifts most of them, some not in a straight line."""
    rule, generator = np.random.default_rng([seed, 9]), np.random.default_rng([seed, part])
    truth = generator.choice(STAGES, count, p=rule.dirichlet([4, 8, 7, 6, 4, 3]))
    slopes = rule.normal(0, 0.4, 6)
    position = truth + generator.normal(0, 0.4, count)
    bent = np.tanh(np.outer(position - 3, slopes[:3]))
    straight = np.outer(position - 3, slopes[3:])
    return np.hstack([bent, straight]) + generator.normal(0, 0.7, (count, 6)), truth


def reports_of_world(seed, shifts=SHIFTS["constant"], count=500, anchor_count=50):
    features, truth = rows_of_world(seed, count)
    generator = np.random.default_rng([seed, 5])
    reported = drawn_reports(truth, shifts, generator)
    anchors = np.full(count, np.nan)
    coded = generator.choice(count, anchor_count, replace=False)
    anchors[coded] = truth[coded]
    return features, reported, anchors, truth


def drawn_reports(truth, shifts, generator):
    steps = STAGES - truth[:, np.newaxis]
    chances = np.exp(-1.4 * np.abs(steps - shifts[truth - 1, np.newaxis]) ** 1.5)
    chances /= chances.sum(axis=1, keepdims=True)
    draws = generator.random((len(truth), 1))
    return 1 + (draws > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
