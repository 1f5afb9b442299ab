"""The graded-response simulator: what it assumes, and what a monitor misses."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from classifiers.signals import FEATURE_CODES, Direction, MissingReason, signal_named
from classifiers.simulators.graded_response import _draw_cohort, simulate_organizations
from classifiers.simulators.graded_traits import (
    INDUSTRY_COUNT,
    PRIORS_PATH,
    Cohort,
    draw_traits,
    traits,
    world_priors,
)
from classifiers.simulators.graded_view import observe
from classifiers.simulators.worlds import SIZE_CLASSES

BOUNDED = [code for code in FEATURE_CODES if code.endswith(("_share", "_72h", "_1h", "_entropy"))]
COUNTS = ("active_platforms", "official_channels", "functions_in_dialogue")
OF_DIALOGUE = FEATURE_CODES[FEATURE_CODES.index("reply_rate_72h") :][:7]
DIRECTIONS = {
    code: {Direction.RISES: 1, Direction.FALLS: -1}.get(signal_named(code).direction, 0)
    for code in FEATURE_CODES
}


@pytest.fixture(scope="module")
def worlds():
    return simulate_organizations(60, 100, random_state=11)


def test_the_same_seed_gives_the_same_worlds():
    first, again = (simulate_organizations(3, 20, random_state=5) for _ in range(2))
    other = simulate_organizations(3, 20, random_state=6)
    np.testing.assert_array_equal(first.values, again.values)
    np.testing.assert_array_equal(first.reasons, again.reasons)
    np.testing.assert_array_equal(first.stage_codes, again.stage_codes)
    assert not np.array_equal(first.values, other.values, equal_nan=True)


def test_there_is_one_row_an_organization_and_one_column_a_signal(worlds):
    assert worlds.values.shape == worlds.reasons.shape == (6000, len(FEATURE_CODES))
    assert np.bincount(worlds.world_codes).tolist() == [100] * 60


def test_stages_sizes_industries_and_coverage_keep_to_their_ranges(worlds):
    assert set(worlds.stage_codes) == {1, 2, 3, 4, 5, 6}
    assert set(worlds.size_codes) == {-1, *range(len(SIZE_CLASSES))}
    assert set(worlds.industry_codes) == set(range(INDUSTRY_COUNT))
    assert worlds.coverage_share.min() >= 0
    assert worlds.coverage_share.max() <= 1


def test_a_signal_is_missing_exactly_where_a_reason_stands(worlds):
    np.testing.assert_array_equal(np.isnan(worlds.values), worlds.reasons != "")
    assert set(worlds.reasons.ravel()) == set(MissingReason)


def test_every_signal_is_seen_and_every_one_is_missing_at_times(worlds):
    seen = (worlds.reasons == "").mean(axis=0)
    assert seen.min() > 0.05
    assert seen.max() < 1


@pytest.mark.parametrize("code", BOUNDED)
def test_shares_lie_between_0_and_1(worlds, code):
    values = column(worlds, code)
    assert 0 <= np.nanmin(values) < np.nanmax(values) <= 1


@pytest.mark.parametrize("code", COUNTS)
def test_counts_are_whole(worlds, code):
    values = column(worlds, code)
    seen = values[~np.isnan(values)]
    assert seen.min() >= 0
    assert (seen == seen.round()).all()


def test_other_signals_keep_to_their_units(worlds):
    assert np.nanmax(np.abs(column(worlds, "burstiness"))) <= 1
    others = set(FEATURE_CODES) - set(BOUNDED) - set(COUNTS) - {"burstiness"}
    assert min(np.nanmin(column(worlds, code)) for code in others) >= 0


@pytest.mark.parametrize("code", [code for code, sign in DIRECTIONS.items() if sign])
def test_signals_move_with_the_stage_as_the_catalogue_says(worlds, code):
    values = column(worlds, code)
    is_seen = ~np.isnan(values)
    together = spearmanr(values[is_seen], worlds.stage_codes[is_seen]).statistic
    assert together * DIRECTIONS[code] > 0


def test_neighbouring_stages_overlap_widely(worlds):
    posts = column(worlds, "posts_per_week")
    by_stage = [posts[worlds.stage_codes == stage] for stage in range(1, 7)]
    medians = [np.nanmedian(each) for each in by_stage]
    tops = [np.nanquantile(each, 0.95) for each in by_stage]
    assert medians[0] < medians[1] < medians[2] < medians[3]
    assert all(median < top for median, top in zip(medians[2:], tops[1:], strict=False))


def test_without_a_channel_of_dialogue_all_its_signals_are_absent(worlds):
    columns = [FEATURE_CODES.index(code) for code in OF_DIALOGUE]
    is_absent = worlds.reasons[:, columns] == "absent"
    np.testing.assert_array_equal(is_absent.any(axis=1), is_absent.all(axis=1))
    assert 0.05 < is_absent[:, 0].mean() < 0.7


def test_few_posts_leave_rhythm_undefined(worlds):
    posts = column(worlds, "posts_per_week")
    is_undefined = reasons(worlds, "burstiness") == "undefined"
    assert is_undefined[posts == 0].mean() > 0.5
    assert not is_undefined[(posts > 10) & (worlds.coverage_share > 0.9)].any()


def test_short_histories_leave_dormancy_unobserved(worlds):
    is_unobserved = reasons(worlds, "dormant_share") == "unobserved"
    posts = column(worlds, "posts_per_week")
    assert is_unobserved[posts > 20].mean() > is_unobserved[posts == 0].mean()


def test_worlds_differ_in_their_shares_of_stages(worlds):
    of_presence = (worlds.stage_codes == 2).reshape(60, 100).mean(axis=1)
    assert of_presence.std() > 0.05


def test_a_trait_that_rises_with_maturity_is_higher_at_the_top():
    generator = np.random.default_rng(0)
    stages = np.repeat([1, 6], 300)
    rises = []
    for _ in range(30):
        assumed = {name: np.asarray(one.draw(generator)) for name, one in world_priors().items()}
        cohort = Cohort(stages, stages.astype(float), np.full(600, 2), np.zeros(600, dtype=int))
        reply = draw_traits(cohort, assumed, generator)["reply"]
        rises.append(reply[stages == 6].mean() - reply[stages == 1].mean())
    assert np.mean(rises) > 2
    # In some worlds a trait says nothing about the stage.
    assert 1 <= np.sum(np.abs(rises) < 0.5) <= 10


def test_every_assumption_and_every_trait_is_used():
    generator = np.random.default_rng(0)
    drawn = {name: np.asarray(prior.draw(generator)) for name, prior in world_priors().items()}
    assumed = Remembering(drawn)
    cohort = _draw_cohort(100, assumed, generator)
    drawn_traits = Remembering(draw_traits(cohort, assumed, generator))
    observe(cohort, drawn_traits, assumed, generator)
    assert assumed.read | {"unknown_size_share"} == set(world_priors())
    assert drawn_traits.read == {trait.name for trait in traits()}


def test_every_assumption_and_every_trait_has_a_source_and_bounds_in_order():
    assert all(prior.source for prior in world_priors().values())
    for trait in traits():
        assert trait.source
        assert trait.measures
        assert trait.at_presence[1] > 0
        assert 0 < trait.scatter[0] < trait.scatter[1]
        assert trait.by_size[0] < trait.by_size[1]
    assert len({trait.name for trait in traits()}) == len(traits())


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('source = "guess"\n[[trait]]', 'source = ""\n[[trait]]'),
        ("steps = [0.3, 0.6, 0.3, 0.3, 0.2]", "steps = [0.3, 0.6, 0.3, 0.3]"),
    ],
)
def test_a_trait_without_a_source_or_with_a_step_too_few_is_refused(tmp_path, line, fault):
    text, path = PRIORS_PATH.read_text("utf-8"), tmp_path / "table.toml"
    assert line in text
    path.write_text(text.replace(line, fault, 1), "utf-8")
    with pytest.raises(ValueError, match=r"table\.toml: traits without a source or five steps: "):
        traits(path)


def column(worlds, code):
    return worlds.values[:, FEATURE_CODES.index(code)]


def reasons(worlds, code):
    return worlds.reasons[:, FEATURE_CODES.index(code)]


class Remembering(dict):
    """A dictionary that remembers what was read from it."""

    def __init__(self, content):
        super().__init__(content)
        self.read = set()

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)
