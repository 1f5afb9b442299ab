"""A channel is read at another address only when that is sure, and for as long as it works."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Outcome, Purpose
from connectors.fetching.adoption import CONFIRMATIONS, Adoption, adopted
from connectors.fetching.backoff import is_temporary
from connectors.fetching.exchange import Exchange

LISTED, NEW, OTHER = (f"http://example.org/{name}" for name in ("listed", "new", "other"))
SEEN = [outcome for outcome in Outcome if outcome.is_seen]
FAILURES = [outcome for outcome in Outcome if not outcome.is_seen]
LASTING = [outcome for outcome in FAILURES if not is_temporary(outcome)]
PASSING = [outcome for outcome in FAILURES if is_temporary(outcome)]
ANSWERS = st.lists(
    st.tuples(
        st.sampled_from(["", f"301 {NEW}", f"308 {NEW}", f"301 {OTHER}", f"302 {NEW}"]),
        st.sampled_from([*SEEN, *SEEN, Outcome.WRONG_TYPE, Outcome.TIMEOUT]),
    ),
    max_size=12,
)


def test_a_move_is_adopted_at_its_third_confirmation_and_not_before():
    steps = adoptions([f"301 {NEW}"] * 3)
    assert CONFIRMATIONS == 3
    assert [step.resolve(LISTED) for step in steps] == [LISTED, LISTED, NEW]
    assert steps[-1] == Adoption(listed_url=LISTED, url=NEW, reason="moved")


@pytest.mark.parametrize("outcome", SEEN)
def test_every_answer_that_shows_the_channel_confirms(outcome):
    assert after([f"308 {NEW}"] * 3, outcome).url == NEW


@pytest.mark.parametrize("outcome", FAILURES)
def test_an_answer_that_shows_nothing_confirms_nothing_and_forgets_nothing(outcome):
    twice = after([f"301 {NEW}"] * 2)
    failed = after([f"301 {NEW}"] * 5, outcome, twice)
    assert failed == twice
    assert after([f"301 {NEW}"], before=failed).url == NEW


@pytest.mark.parametrize("between", [f"301 {OTHER}", "", f"302 {NEW}"])
def test_another_target_or_a_direct_answer_begins_the_count_anew(between):
    steps = adoptions([f"301 {NEW}"] * 2 + [between] + [f"301 {NEW}"] * 3)
    assert [bool(step.url) for step in steps] == [False] * 5 + [True]


def test_the_two_permanent_redirects_confirm_each_other():
    assert after([f"301 {NEW}", f"308 {NEW}", f"301 {NEW}"]).url == NEW


@pytest.mark.parametrize("status", ["302", "303", "307"])
def test_a_temporary_redirect_is_never_adopted(status):
    assert after([f"{status} {NEW}"] * 20) == Adoption()


@given(ANSWERS)
def test_what_is_adopted_was_named_by_the_last_three_answers_that_showed_the_channel(answers):
    adoption, named = Adoption(), []
    for redirect, outcome in answers:
        adoption = adopted(adoption, an_exchange(redirect), outcome, 1, LISTED)
        if outcome.is_seen:
            named.append(redirect.partition(" ")[2] if redirect[:3] in {"301", "308"} else "")
        if adoption.url:
            break
    last_three = named[-CONFIRMATIONS:]
    is_sure = len(last_three) == CONFIRMATIONS and len(set(last_three)) == 1 and last_three[0]
    assert adoption.url == (last_three[0] if is_sure else "")


@given(ANSWERS)
def test_only_the_listed_address_is_ever_replaced(answers):
    adoption = Adoption()
    for redirect, outcome in answers:
        adoption = adopted(adoption, an_exchange(redirect), outcome, 1, LISTED)
        assert adoption.resolve(OTHER + "?page=2") == OTHER + "?page=2"
        assert not adoption.url or adoption.listed_url == LISTED


def test_redirects_of_further_pages_move_nothing():
    exchange = replace(an_exchange(f"301 {NEW}"), requested_url=LISTED + "?page=2")
    moved = Adoption()
    for _ in range(5):
        moved = adopted(moved, exchange, Outcome.OK, 0, LISTED)
    assert moved == Adoption()


def test_an_adopted_address_that_moves_on_is_followed_after_three_more_confirmations():
    moved = after([f"301 {NEW}"] * 3)
    on = [adopted_exchange(f"301 {OTHER}")] * 3
    assert [step.url for step in folded(on, moved)] == [NEW, NEW, OTHER]
    assert folded(on, moved)[-1].listed_url == LISTED


def test_a_move_back_to_the_listed_address_leaves_nothing_adopted():
    moved = after([f"301 {NEW}"] * 3)
    back = folded([adopted_exchange(f"301 {LISTED}")] * 3, moved)
    assert [step.resolve(LISTED) for step in back] == [NEW, NEW, LISTED]
    assert (back[-1].url, back[-1].reason) == ("", "moved")


def test_redirects_in_a_circle_move_nothing():
    circle = replace(an_exchange(f"301 {LISTED}"), redirects=(f"301 {LISTED}", f"301 {NEW}"))
    assert folded([circle] * 5)[-1] == Adoption()


@pytest.mark.parametrize("outcome", [o for o in LASTING if o is not Outcome.GONE])
def test_an_adopted_address_that_does_not_work_is_let_go_at_the_third_failure(outcome):
    assert kept_through(outcome) == 2


@pytest.mark.parametrize("outcome", PASSING)
def test_an_adopted_address_that_is_down_is_let_go_at_the_tenth_failure(outcome):
    assert kept_through(outcome) == 9


def test_an_adopted_address_that_is_gone_is_let_go_at_once():
    assert kept_through(Outcome.GONE) == 0


@pytest.mark.parametrize("outcome", FAILURES)
def test_failures_of_the_listed_address_let_nothing_go(outcome):
    moved = after([f"301 {NEW}"] * 3)
    assert adopted(moved, an_exchange(""), outcome, 50, LISTED) == moved


def test_a_feed_that_was_found_on_a_web_page_is_adopted_at_once():
    found = adopted(Adoption(), a_guess(NEW), Outcome.OK, 0, LISTED)
    assert found == Adoption(listed_url=LISTED, url=NEW, reason="discovered")
    assert found.resolve(LISTED) == NEW


@pytest.mark.parametrize("outcome", FAILURES)
def test_a_guess_that_was_wrong_changes_nothing(outcome):
    known = after([f"301 {NEW}"] * 2)
    assert adopted(known, a_guess(OTHER), outcome, 50, LISTED) == known


def test_a_found_feed_that_moves_is_followed_like_any_other():
    found = adopted(Adoption(), a_guess(NEW), Outcome.OK, 0, LISTED)
    moved = folded([adopted_exchange(f"308 {OTHER}")] * 3, found)
    assert [step.url for step in moved] == [NEW, NEW, OTHER]


def kept_through(outcome):
    """After how many failures in a row the adopted address is still asked."""
    moved = after([f"301 {NEW}"] * 3)
    for count in range(1, 50):
        moved = adopted(moved, adopted_exchange(""), outcome, count, LISTED)
        if moved == Adoption():
            return count - 1
    return None


def after(redirects, outcome=Outcome.OK, before=None):
    return folded([an_exchange(each) for each in redirects], before, outcome)[-1]


def adoptions(redirects):
    return folded([an_exchange(each) for each in redirects])


def folded(exchanges, before=None, outcome=Outcome.OK):
    """The adoption after each of the attempts, which all ended alike."""
    steps = [before or Adoption()]
    steps.extend(
        adopted(steps[-1], each, outcome, number, LISTED)
        for number, each in enumerate(exchanges, 1)
    )
    return steps[1:]


def an_exchange(redirect):
    """An answer to the listed address, by way of a redirect such as "301 <target>" or of none."""
    status, _, target = redirect.partition(" ")
    hops = (f"{status} {LISTED}",) if redirect else ()
    return Exchange(
        page_id="1" * 32,
        channel_id="a:feeds:1",
        requested_url=LISTED,
        url=target or LISTED,
        redirects=hops,
        status=200,
        headers=(),
        body=b"",
        body_sha256="",
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
        elapsed_ms=1,
        byte_count=0,
        outcome=Outcome.OK,
    )


def adopted_exchange(redirect):
    """An answer of the address that was adopted in place of the listed one."""
    status, _, target = redirect.partition(" ")
    hops = (f"{status} {NEW}",) if redirect else ()
    exchange = an_exchange("")
    return replace(exchange, redirects=(f"adopted {LISTED}", *hops), url=target or NEW)


def a_guess(url):
    return replace(an_exchange(""), requested_url=url, url=url, purpose=Purpose.DISCOVERY)
