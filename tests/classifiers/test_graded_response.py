"""The graded-response simulator: what it assumes, and what feeds cannot show."""

import ast
from pathlib import Path

import numpy as np
import pytest

from classifiers.signals import FEATURE_CODES
from classifiers.simulators import graded_response
from classifiers.simulators.graded_response import PRIORS_PATH, simulate_organizations
from classifiers.simulators.priors import read_priors


@pytest.fixture(scope="module")
def worlds():
    return simulate_organizations(60, 100, random_state=11)


def test_the_same_seed_gives_the_same_worlds():
    first, again = (simulate_organizations(3, 20, random_state=5) for _ in range(2))
    other = simulate_organizations(3, 20, random_state=6)
    np.testing.assert_array_equal(first.values, again.values)
    assert not np.array_equal(first.stage_codes, other.stage_codes)


def test_there_is_one_row_an_organization_and_one_column_a_signal(worlds):
    assert worlds.values.shape == worlds.reasons.shape == (6000, len(FEATURE_CODES))
    assert np.bincount(worlds.world_codes).tolist() == [100] * 60
    assert set(worlds.stage_codes) == {1, 2, 3, 4, 5, 6}
    assert set(worlds.size_codes) == {0, 1, 2}


def test_a_signal_is_missing_exactly_when_a_reason_says_why(worlds):
    np.testing.assert_array_equal(np.isnan(worlds.values), worlds.reasons != "")
    assert set(worlds.reasons.ravel()) == {"", "unobserved", "undefined"}


def test_every_signal_stays_within_its_range(worlds):
    lows = np.nanmin(worlds.values, axis=0)
    highs = np.nanmax(worlds.values, axis=0)
    assert lows.tolist() >= [0, 0, -1, 0, 0, 0, 0]
    for code in ("active_weeks_share", "burstiness", "weekend_share", "dormant_share"):
        assert highs[FEATURE_CODES.index(code)] <= 1


def test_planning_posts_less_than_presence_and_later_stages_overlap_widely(worlds):
    posts = worlds.values[:, FEATURE_CODES.index("posts_per_week")]
    medians = [np.nanmedian(posts[worlds.stage_codes == stage]) for stage in range(1, 7)]
    top_of_presence = np.nanquantile(posts[worlds.stage_codes == 2], 0.95)
    assert medians[0] < medians[1] <= medians[3]
    assert medians[5] < top_of_presence


def test_few_posts_leave_rhythm_undefined(worlds):
    posts = worlds.values[:, FEATURE_CODES.index("posts_per_week")]
    reasons = worlds.reasons[:, FEATURE_CODES.index("burstiness")]
    is_undefined = reasons == "undefined"
    assert is_undefined[posts == 0].mean() > 0.5
    assert not is_undefined[posts > 10].any()


def test_short_histories_leave_dormancy_unobserved(worlds):
    is_unobserved = worlds.reasons[:, FEATURE_CODES.index("dormant_share")] == "unobserved"
    posts = worlds.values[:, FEATURE_CODES.index("posts_per_week")]
    assert is_unobserved[posts > 20].mean() > is_unobserved[posts == 0].mean()


def test_every_prior_has_a_source_and_is_used():
    source = "".join(
        path.read_text() for path in Path(graded_response.__file__).parent.glob("*.py")
    )
    for name, prior in read_priors(PRIORS_PATH).items():
        stem = name.removesuffix("_at_presence").removesuffix("_slope").removesuffix("_spread")
        assert prior.source
        assert f'"{name}"' in source or f'"{stem}"' in source


def test_a_prior_without_source_is_refused(tmp_path):
    path = tmp_path / "priors.toml"
    path.write_text(
        '[[prior]]\nname = "slope"\ndistribution = "uniform"\nparameters = [0, 1]\nsource = ""\n'
    )
    with pytest.raises(ValueError, match="missing source"):
        read_priors(path)


def test_the_simulator_shares_no_constant_with_features_or_estimator():
    for path in Path(graded_response.__file__).parent.glob("*.py"):
        imported = {
            node.module
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("classifiers")
        }
        assert imported <= {
            "classifiers.signals",
            "classifiers.simulators.feed_view",
            "classifiers.simulators.priors",
            "classifiers.simulators.worlds",
        }
