"""The simulator of capabilities."""

import doctest
import re
import tomllib
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from classifiers.signals import FEATURE_CODES, Direction, MissingReason, signal_named
from classifiers.simulators import capability
from classifiers.simulators.capability import simulate_organizations
from classifiers.simulators.capability_assumptions import (
    CAPABILITIES,
    DRIVERS,
    INDUSTRY_EFFECTS,
    draw_assumptions,
)
from classifiers.simulators.capability_channels import IS_DIALOGUE, IS_PUBLISHING, draw_channels
from classifiers.simulators.capability_organizations import (
    ARCHETYPES,
    draw_organizations,
    hill_curve,
    stages_of,
)
from classifiers.simulators.capability_world import World, draw_world
from classifiers.simulators.priors import read_priors
from classifiers.simulators.worlds import SIZE_CLASSES, SimulatedWorlds

COUNTS = ("active_platforms", "official_channels", "functions_in_dialogue")
BOUNDED = [code for code in FEATURE_CODES if code.endswith(("_share", "_72h", "_1h", "_entropy"))]
OF_DIALOGUE = (
    "reply_clock_entropy",
    "reply_rate_72h",
    "response_hours_median",
    "conversation_share",
    "peer_answer_share",
    "functions_in_dialogue",
)
DIRECTIONS = {
    code: {Direction.RISES: 1, Direction.FALLS: -1}.get(signal_named(code).direction, 0)
    for code in FEATURE_CODES
}


@pytest.fixture(scope="module")
def pooled():
    return simulate_organizations(60, 100, random_state=0)


@pytest.fixture(scope="module")
def by_archetype():
    """Signals of many worlds by the archetype that their organizations are of."""
    sheets, codes = [], []
    for generator in np.random.default_rng(1).spawn(30):
        world = draw_world(generator, 100)
        sheets.append(capability._measure(world).values)
        codes.append(world.organizations.archetype_codes)
    values, codes = np.concatenate(sheets), np.concatenate(codes)
    return {name: values[codes == position] for position, name in enumerate(ARCHETYPES)}


def test_the_examples_in_the_documentation_hold():
    assert doctest.testmod(capability).failed == 0


def test_the_same_seed_yields_the_same_worlds():
    assert_same(simulate_organizations(3, 40, 7), simulate_organizations(3, 40, 7))


def test_another_seed_yields_other_worlds():
    one, other = simulate_organizations(1, 40, 7), simulate_organizations(1, 40, 8)
    assert not np.array_equal(one.values, other.values, equal_nan=True)


def test_a_world_is_the_same_however_many_others_are_asked_for():
    many = simulate_organizations(4, 40, 7)
    assert_same(simulate_organizations(2, 40, 7), many.where(many.world_codes < 2))


@pytest.mark.parametrize("counts", [(0, 10), (10, 0), (-1, 5)])
def test_nothing_is_no_world(counts):
    with pytest.raises(ValueError, match="ask for one world and one organization or more"):
        simulate_organizations(*counts, random_state=0)


@given(st.integers(1, 3), st.integers(1, 30), st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_worlds_of_any_size_have_the_columns_that_models_read(n_worlds, n_per_world, seed):
    worlds = simulate_organizations(n_worlds, n_per_world, seed)
    assert worlds.values.shape == worlds.reasons.shape == (n_worlds * n_per_world, 26)
    assert np.bincount(worlds.world_codes).tolist() == [n_per_world] * n_worlds
    assert_missing_where_a_reason_stands(worlds)


def test_values_are_missing_exactly_where_a_reason_stands(pooled):
    assert_missing_where_a_reason_stands(pooled)


def test_every_reason_occurs(pooled):
    assert set(np.unique(pooled.reasons)) == {reason.value for reason in MissingReason}


def test_every_signal_is_seen_and_all_but_those_of_the_list_are_missing_at_times(pooled):
    missing = dict(zip(FEATURE_CODES, np.isnan(pooled.values).mean(axis=0), strict=True))
    of_list = {
        code: missing.pop(code) for code in ("official_channels", "functional_channel_share")
    }
    assert set(of_list.values()) == {0.0}
    assert min(missing.values()) > 0.0
    assert max(missing.values()) < 0.9


@pytest.mark.parametrize("code", BOUNDED)
def test_shares_lie_between_0_and_1(pooled, code):
    assert_within(seen(pooled, code), 0.0, 1.0)


@pytest.mark.parametrize("code", COUNTS)
def test_counts_are_whole(pooled, code):
    values = seen(pooled, code)
    assert_within(values, 0.0, 1000.0)
    assert (values == np.floor(values)).all()


def test_other_signals_keep_to_their_units(pooled):
    assert_within(seen(pooled, "burstiness"), -1.0, 1.0)
    assert_within(seen(pooled, "posts_per_week"), 0.0, 5000.0)
    assert_within(seen(pooled, "days_since_last_post"), 0.0, 1000.0)
    assert_within(seen(pooled, "response_hours_median"), 0.0, 13 * 168.0)
    assert_within(seen(pooled, "reply_rate_sd"), 0.0, 12.0)
    assert seen(pooled, "participants_per_1000_followers").min() >= 0.0


def test_coverage_stages_sizes_and_industries_keep_to_their_ranges(pooled):
    assert_within(pooled.coverage_share, 0.0, 1.0)
    assert set(pooled.stage_codes) == {1, 2, 3, 4, 5, 6}
    assert set(pooled.size_codes) == set(range(-1, len(SIZE_CLASSES)))
    assert set(pooled.industry_codes) == set(range(8))


def test_who_answers_within_an_hour_answers_within_three_days(pooled):
    in_hour, in_days = column(pooled, "reply_rate_1h"), column(pooled, "reply_rate_72h")
    both = np.isfinite(in_hour) & np.isfinite(in_days)
    assert (in_hour[both] <= in_days[both]).all()


@pytest.mark.parametrize("code", [code for code, sign in DIRECTIONS.items() if sign])
def test_signals_move_with_the_stage_as_the_catalogue_says(pooled, code):
    values = column(pooled, code)
    is_seen = np.isfinite(values)
    correlation = spearmanr(values[is_seen], pooled.stage_codes[is_seen]).statistic
    assert 0.05 < DIRECTIONS[code] * correlation < 0.8


def test_forgotten_channels_are_rare_at_the_upper_stages(pooled):
    values = column(pooled, "dormant_share")
    lower, upper = (np.isin(pooled.stage_codes, stages) for stages in ((2, 3), (4, 5, 6)))
    assert np.nanmean(values[lower]) > 1.3 * np.nanmean(values[upper])


def test_the_two_last_stages_can_hardly_be_told_apart(pooled):
    for code in FEATURE_CODES:
        five, six = (np.nanmedian(column(pooled, code)[pooled.stage_codes == s]) for s in (5, 6))
        lower, upper = np.nanquantile(column(pooled, code)[pooled.stage_codes == 5], [0.1, 0.9])
        assert lower <= six <= upper, (code, five, six)


def test_worlds_differ_in_their_shares_of_stages(pooled):
    shares = [(pooled.stage_codes[pooled.world_codes == code] == 2).mean() for code in range(60)]
    assert np.ptp(shares) > 0.3


def test_some_signals_say_nothing_in_a_world_and_much_in_another(pooled):
    correlations = [correlation_in_world(pooled, code, "active_weeks_share") for code in range(60)]
    assert np.nanquantile(correlations, 0.05) < 0.2
    assert np.nanquantile(correlations, 0.95) > 0.55


def test_without_a_channel_of_dialogue_all_its_signals_are_absent():
    world = draw_world(np.random.default_rng(3), 300)
    sheet = capability._measure(world)
    is_without = world.channels.count(IS_DIALOGUE) == 0
    assert 0 < is_without.sum() < 300
    for code in OF_DIALOGUE:
        reasons = sheet.reasons[:, FEATURE_CODES.index(code)]
        np.testing.assert_array_equal(reasons == "absent", is_without)


def test_one_channel_alone_announces_nothing_together():
    world = draw_world(np.random.default_rng(3), 300)
    reasons = capability._measure(world).reasons[:, FEATURE_CODES.index("campaign_sync_share")]
    np.testing.assert_array_equal(reasons == "absent", world.channels.count(IS_PUBLISHING) < 2)


def test_every_archetype_occurs(by_archetype):
    assert min(len(rows) for rows in by_archetype.values()) > 20
    assert len(by_archetype["ordinary"]) > sum(len(by_archetype[name]) for name in ARCHETYPES[1:])


@pytest.mark.parametrize(
    ("archetype", "code", "sign"),
    [
        ("outsourced", "posts_per_week", 1),
        ("outsourced", "verbatim_duplicate_share", 1),
        ("outsourced", "burstiness", -1),
        ("outsourced", "reply_rate_72h", -1),
        ("quiet", "posts_per_week", -1),
        ("dormant", "days_since_last_post", 1),
        ("dormant", "dormant_share", 1),
        ("self_helping", "peer_answer_share", 1),
        ("self_helping", "reply_rate_72h", -1),
        ("broadcaster", "posts_per_week", 1),
        ("broadcaster", "conversation_share", -1),
        ("tiny", "official_channels", -1),
    ],
)
def test_archetypes_do_what_they_say(by_archetype, archetype, code, sign):
    special, usual = (
        by_archetype[name][:, FEATURE_CODES.index(code)] for name in (archetype, "ordinary")
    )
    assert sign * (np.nanmean(special) - np.nanmean(usual)) > 0.0


def test_the_tiny_have_one_account(by_archetype):
    assert set(by_archetype["tiny"][:, FEATURE_CODES.index("official_channels")]) == {1.0}


def test_quiet_organizations_are_mature():
    world = draw_world(np.random.default_rng(1), 2000)
    stages, is_quiet = world.organizations.stage_codes, world.organizations.is_of("quiet")
    assert stages[is_quiet].mean() > stages[~is_quiet].mean() + 0.5


def test_the_stage_follows_from_the_capabilities_in_place():
    assumed = strict_assumptions()
    generator = np.random.default_rng(0)
    held = [
        [],
        ["publishing"],
        ["publishing", "answering", "care"],
        ["publishing", "answering", "care", "coordination", "governance"],
        [name for name in CAPABILITIES if name != "listening"],
        list(CAPABILITIES),
    ]
    strengths = np.array([[float(name in names) for name in CAPABILITIES] for names in held])
    assert stages_of(strengths, assumed, generator).tolist() == [1, 2, 3, 4, 5, 6]


def test_a_strict_world_stops_at_the_first_gap_and_a_mild_one_counts_what_is_there():
    rows = np.array([[float(name not in {"answering", "care"}) for name in CAPABILITIES]])
    strict, mild = (strict_assumptions(weight) for weight in (1.0, 0.0))
    assert stages_of(rows, strict, np.random.default_rng(0)).tolist() == [2]
    assert stages_of(rows, mild, np.random.default_rng(0)).tolist() == [4]


@given(st.floats(0.05, 0.95), st.floats(0.5, 5.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_hill_s_curve_rises_from_0_to_1(half, steepness, one, other):
    strengths = np.sort([0.0, one, other, 1.0])
    curve = hill_curve(strengths, np.array(half), np.array(steepness))
    assert curve[0] == 0.0
    assert curve[-1] == pytest.approx(1.0)
    assert (np.diff(curve) >= -1e-12).all()


def test_every_signal_but_the_last_post_has_drivers():
    assert set(FEATURE_CODES) - set(DRIVERS) == {"days_since_last_post"}
    assert set().union(*DRIVERS.values()) == set(CAPABILITIES)


def test_every_assumption_is_used():
    package = resources.files("classifiers.simulators")
    table = tomllib.loads((package / "capability.toml").read_text("utf-8"))["prior"]
    drawn = draw_assumptions(np.random.default_rng(0))
    numbers = Remembering(drawn.numbers)
    simulate_with(replace(drawn, numbers=numbers))
    of_the_draw = {"hill.half", "hill.steepness", "signal.off_share", "signal.importance"}
    of_the_draw |= {f"industry.{effect}" for effect in INDUSTRY_EFFECTS} | set(drawn.shares)
    assert {row["name"] for row in table} == numbers.read | of_the_draw


def test_it_knows_no_other_simulator():
    package = resources.files("classifiers.simulators")
    sources = [
        file.read_text("utf-8")
        for file in package.iterdir()
        if file.name.startswith("capability") and file.name.endswith(".py")
    ]
    imported = set(
        re.findall(r"^ *from classifiers\.([\w.]+) import", "\n".join(sources), re.MULTILINE)
    )
    strangers = {name for name in imported if not name.startswith("simulators.capability")}
    assert strangers == {"signals", "simulators.priors", "simulators.worlds"}


def test_a_row_without_a_source_is_refused(tmp_path):
    path = tmp_path / "capability.toml"
    text = (resources.files("classifiers.simulators") / "capability.toml").read_text("utf-8")
    path.write_text(text.replace('source = "guess"', 'source = ""', 1), encoding="utf-8")
    with pytest.raises(ValueError, match="missing source"):
        read_priors(path)


class Remembering(dict):
    """A dictionary that remembers what was read from it."""

    def __init__(self, items):
        super().__init__(items)
        self.read = set()

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)


def simulate_with(assumed):
    generator = np.random.default_rng(0)
    organizations = draw_organizations(generator, assumed, 50)
    channels = draw_channels(generator, assumed, organizations)
    capability._simulate(
        World(generator=generator, assumed=assumed, organizations=organizations, channels=channels)
    )


def strict_assumptions(ladder_weight=1.0):
    drawn = draw_assumptions(np.random.default_rng(0))
    strict = {name: 0.0 for name in drawn.numbers if name.startswith("stage.")}
    given_ones = {"stage.bar": 0.5, "stage.ladder_weight": ladder_weight}
    return replace(drawn, numbers={**drawn.numbers, **strict, **given_ones})


def correlation_in_world(worlds, world_code, code):
    values = column(worlds, code)
    rows = (worlds.world_codes == world_code) & np.isfinite(values)
    if rows.sum() < 10:
        return np.nan
    return spearmanr(values[rows], worlds.stage_codes[rows]).statistic


def column(worlds, code):
    return worlds.values[:, FEATURE_CODES.index(code)]


def seen(worlds, code):
    values = column(worlds, code)
    return values[np.isfinite(values)]


def assert_within(values, lowest, highest):
    assert lowest <= np.min(values)
    assert np.max(values) <= highest


def assert_missing_where_a_reason_stands(worlds):
    np.testing.assert_array_equal(np.isnan(worlds.values), worlds.reasons != "")
    assert not np.isinf(worlds.values).any()


def assert_same(one, other):
    for name in SimulatedWorlds.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
