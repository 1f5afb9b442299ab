"""Reply rates and time to first answer, against numbers worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from statsmodels.duration.survfunc import SurvfuncRight

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday: the window ends on 1 March
ASKED_AT = AS_OF - timedelta(days=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def forum(world):
    world.organization("acme", "forum")
    world.see("forum", AS_OF - timedelta(weeks=30), AS_OF - timedelta(days=40))
    world.pages = []
    return world


def ask(world, hours, *, watched_hours=500, at=ASKED_AT, cut=False, **said):
    """One thread with a question, answered after so many hours (None: not), watched for longer.

    It is loaded with all others by `measured`.
    """
    name = f"q{len(world.pages)}"
    entries = [world.said(name, at, thread=name, **said)]
    if hours is not None:
        answer = world.said(
            f"a{name}", at + hours * HOUR, by="organization", parent=name, thread=name
        )
        entries.append(answer)
    view = {"thread_id": name, "reply_count": 1, "shown_count": 1, "is_truncated": cut}
    views = [view | {"withheld_count": 0}]
    world.pages.append(world.talked("forum", at + watched_hours * HOUR, *entries, threads=views))


def measured(world):
    world.load(*world.pages)
    return world.measure(AS_OF)


def test_the_rate_counts_answers_within_three_days_of_what_was_watched_as_long(forum):
    for hours in [1] * 8 + [71] * 4 + [73] * 3 + [None] * 9:
        ask(forum, hours)
    ask(forum, None, watched_hours=71)  # not watched for long enough
    ask(forum, None, cut=True)  # replies are hidden: nobody knows
    ask(forum, 2, found_through="answer")  # seen only because it was answered
    signal = measured(forum)["reply_rate_72h"]
    assert (signal.numerator, signal.denominator, signal.n) == (12, 24, 24)
    assert signal.value == 0.5
    assert signal.lower == pytest.approx(0.3142, abs=1e-4)
    assert signal.upper == pytest.approx(0.6858, abs=1e-4)


def test_the_rate_of_questions_leaves_out_what_asks_nothing(forum):
    for number in range(30):
        ask(forum, 5 if number < 20 else None, is_question=number % 3 > 0)
    signals = measured(forum)
    assert signals["reply_rate_72h"].denominator == 30
    assert signals["question_reply_rate_72h"].denominator == 20
    assert signals["question_reply_rate_72h"].numerator == 13


def test_below_twenty_a_rate_is_undefined_but_its_count_is_told(forum):
    for _ in range(19):
        ask(forum, 4)
    signal = measured(forum)["reply_rate_72h"]
    assert (signal.value, signal.missing_reason, signal.numerator) == (None, "undefined", 19)


def test_the_median_is_that_of_kaplan_and_meier(forum):
    # S after 2 h: 7/8; 6 h (one left at 4 h): 7/8 * 5/6; 9 h: * 4/5; 12 h: * 3/4 = 0.4375
    for hours, watched in [(2, 99), (None, 4), (6, 99), (9, 99), (12, 99)]:
        ask(forum, hours, watched_hours=watched)
    for watched in (20, 30, 40):
        ask(forum, None, watched_hours=watched)
    signal = measured(forum)["response_hours_median"]
    assert (signal.value, signal.numerator, signal.denominator) == (12, 4, 8)
    assert signal.lower == 2  # lower band of S: 0.3870 after 2 h
    assert signal.upper is None  # the upper band does not come down to a half


def test_the_interval_of_the_median_is_that_of_statsmodels(forum):
    for hours in range(1, 21):
        ask(forum, hours)
    signal = measured(forum)["response_hours_median"]
    curve = SurvfuncRight(range(1, 21), [1] * 20)
    with pytest.warns(RuntimeWarning):  # it takes logarithms of the curve's last step, 0
        expected = curve.quantile_ci(0.5, method="cloglog")
    assert (signal.lower, signal.upper) == expected == (5, 15)
    assert signal.value == 10  # the first time at which half are answered


def test_a_median_that_is_not_reached_is_undefined(forum):
    for hours in (1, 2, None, None, None, None):
        ask(forum, hours)
    signal = measured(forum)["response_hours_median"]
    assert (signal.value, signal.missing_reason) == (None, "undefined")
    assert (signal.numerator, signal.denominator) == (2, 6)


def test_what_was_asked_before_the_window_does_not_count(forum):
    for _ in range(25):
        ask(forum, 1, at=AS_OF - timedelta(weeks=14))
    assert measured(forum)["reply_rate_72h"].n == 0


def test_an_organization_that_only_publishes_has_no_dialogue_to_measure(world):
    world.organization("acme", "news")
    world.read("news", AS_OF - timedelta(days=1), world.entry(ASKED_AT))
    assert world.measure(AS_OF)["reply_rate_72h"].missing_reason == "absent"


def test_a_forum_that_was_not_let_see_is_unobserved(world):
    world.organization("acme", "forum")
    world.read("forum", AS_OF - timedelta(days=1), outcome="blocked")
    assert world.measure(AS_OF)["reply_rate_72h"].missing_reason == "unobserved"
