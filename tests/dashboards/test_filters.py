"""The parameters of the page's address."""

import pytest

from dashboards.asked import UnknownValueError
from dashboards.filters import Filters

KNOWN = {"industry": ["arts & crafts", "finance"], "size": ["1-9"], "country": ["NL"]}


def test_defaults_are_left_out_of_the_address():
    assert Filters().address() == ""
    assert Filters(sort="name", page=1, country="NL").address() == "country=NL"


def test_parameters_stand_in_one_order_whatever_order_they_came_in():
    given = [("page", "3"), ("sort", "-posts"), ("country", "NL"), ("industry", "finance")]
    expected = "industry=finance&country=NL&sort=-posts&page=3"
    assert Filters.read(given, KNOWN).address() == expected


def test_an_address_reads_back_as_it_was_written():
    filters = Filters(industry="arts & crafts", size="1-9", sort="-stage", page=2)
    assert filters.address() == "industry=arts+%26+crafts&size=1-9&sort=-stage&page=2"
    pairs = [("industry", "arts & crafts"), ("size", "1-9"), ("sort", "-stage"), ("page", "2")]
    assert Filters.read(pairs, KNOWN) == filters


def test_sorting_by_the_same_column_turns_the_order_round():
    assert Filters().sorted_by("posts") == "sort=posts"
    assert Filters(sort="posts").sorted_by("posts") == "sort=-posts"
    assert Filters(sort="-posts").sorted_by("posts") == "sort=posts"


def test_a_new_order_starts_at_the_first_page():
    assert Filters(page=4).sorted_by("stage") == "sort=stage"


def test_an_unknown_value_brings_those_that_are_known():
    with pytest.raises(UnknownValueError) as caught:
        Filters.read([("size", "huge")], KNOWN)
    assert (caught.value.name, caught.value.value, caught.value.known) == ("size", "huge", ("1-9",))
