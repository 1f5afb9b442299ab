"""The questionnaires as data: what they hold, and in which order they are asked."""

import doctest
from collections import Counter

import pytest

from classifiers.assessing import instrument
from classifiers.assessing.instrument import INSTRUMENT_CODES, ordered_items, read_instrument
from classifiers.signals import SIGNAL_CODES
from classifiers.stages import Stage

#: Another digest needs another version: who answered the old words did not answer the new ones.
DIGESTS = {("altimeter", "1"): "49ccc606096c", ("esm3", "1"): "ef756662b79e"}
#: Altimeter's own names of stages, none of which a respondent may read.
NAMES = {stage.label.casefold() for stage in Stage}
LEVELS = {
    "Social media focus": ("personal", "community", "strategic"),
    "Content management": ("push", "centralized", "pull"),
    "Culture": ("early adopter", "early majority", "participants"),
    "Vision & Strategy": ("none", "functional", "organizational"),
    "Leadership & Commitment": ("bottom-up", "controlled", "departmental"),
    "Governance & Alignment": ("no-formal", "formal", "informal"),
    "Community management": ("informal", "explicit", "integrated"),
    "Policies & procedures": ("restrictive", "facilitating", "enabling"),
    "Metrics & measurement": ("project", "functional", "organizational"),
    "Tools": (
        "self-service - outside the firewall",
        "best of class",
        "enterprise - inside the firewall",
    ),
    "Architecture": ("open source", "enterprise tools", "RIA"),
    "Platform": ("existing", "corporate standards", "on-demand / user centric"),
}


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(instrument).failed == 0


def test_altimeter_has_six_dimensions_with_one_statement_a_stage():
    altimeter = read_instrument("altimeter")
    assert len(altimeter.items) == 36
    for dimension in altimeter.dimensions:
        assert [item.stage_code for item in dimension.items] == [1, 2, 3, 4, 5, 6]
        assert [item.code[2:] for item in dimension.items] == list("123456")
    assert {item.values for item in altimeter.items} == {(0, 1, 2, 3)}


def test_esm3_has_the_levels_of_its_source_word_for_word():
    esm3 = read_instrument("esm3")
    assert {item.label: tuple(c.label for c in item.choices) for item in esm3.items} == LEVELS
    assert {item.values for item in esm3.items} == {(1, 2, 3)}
    assert esm3.levels == ("pioneering", "facilitating", "strategic")
    assert [dimension.code for dimension in esm3.dimensions] == [
        "employee",
        "business",
        "organization",
        "technology",
    ]
    assert {len(dimension.items) for dimension in esm3.dimensions} == {3}


def test_only_governance_is_asked_in_two_steps():
    stepped = [item.label for item in read_instrument("esm3").items if item.steps]
    assert stepped == ["Governance & Alignment"]


def test_dated_words_are_warned_of():
    warned = [item.label for item in read_instrument("esm3").items if "2009" in item.warning]
    assert warned == ["Tools", "Architecture"]


def test_most_of_esm3_cannot_be_seen_from_outside():
    seen = Counter(item.visible_outside for item in read_instrument("esm3").items)
    assert seen == {"no": 8, "partly": 2, "weak": 2}


@pytest.mark.parametrize("code", INSTRUMENT_CODES)
def test_every_signal_that_is_named_is_in_the_catalogue(code):
    named = {signal for item in read_instrument(code).items for signal in item.signal_codes}
    assert named
    assert named <= set(SIGNAL_CODES)


def test_a_dimension_names_the_signals_of_its_items_once():
    dimension = read_instrument("altimeter").dimensions[4]
    assert dimension.signal_codes.count("dormant_share") == 1


@pytest.mark.parametrize("code", INSTRUMENT_CODES)
def test_no_two_questions_read_alike(code):
    items = read_instrument(code).items
    assert len({item.text for item in items}) == len({item.code for item in items}) == len(items)


def test_no_description_of_a_stage_says_its_name():
    placement = read_instrument("altimeter").placement
    words = {word.strip(".,;:") for choice in placement.choices for word in choice.text.split()}
    assert not NAMES & {word.casefold() for word in words}
    assert [choice.value for choice in placement.choices] == [1, 2, 3, 4, 5, 6]


def test_the_ambition_is_chosen_from_the_same_descriptions():
    altimeter = read_instrument("altimeter")
    assert altimeter.ambition.choices == altimeter.placement.choices
    assert read_instrument("esm3").placement is None


@pytest.mark.parametrize("code", INSTRUMENT_CODES)
def test_who_changes_the_words_raises_the_version(code):
    found = read_instrument(code)
    assert found.digest == DIGESTS[code, found.version]


@pytest.mark.parametrize("code", INSTRUMENT_CODES)
def test_items_are_shuffled_within_their_dimension_only(code):
    found = read_instrument(code)
    ordered = ordered_items(found, 7)
    assert ordered != found.items
    assert [i.dimension_code for i in ordered] == [i.dimension_code for i in found.items]
    assert sorted(i.code for i in ordered) == sorted(i.code for i in found.items)


def test_the_same_seed_gives_the_same_order_and_another_gives_another():
    found = read_instrument("altimeter")
    assert ordered_items(found, 3) == ordered_items(found, 3)
    assert len({ordered_items(found, seed) for seed in range(20)}) == 20


def test_no_place_is_kept_for_an_item():
    found = read_instrument("altimeter")
    firsts = Counter(ordered_items(found, seed)[0].stage_code for seed in range(600))
    assert all(60 < firsts[stage] < 140 for stage in Stage)


def test_what_does_not_exist_is_told_with_what_does():
    with pytest.raises(ValueError, match="'cmmi' is not an instrument; there are altimeter, esm3"):
        read_instrument("cmmi")
    with pytest.raises(ValueError, match="altimeter has no item 'ST7'; there are ST1, ST2"):
        read_instrument("altimeter").item("ST7")
    with pytest.raises(ValueError, match="ST1 has no answer 4"):
        read_instrument("altimeter").item("ST1").choice(4)
