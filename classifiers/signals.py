"""The catalogue of signals: what is measured of an organization, over which window, and why.

The codes are the names in the warehouse's long table of measurements and the columns of every
model, in the order of `SIGNALS`. A signal that was not seen has no value and a reason instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """How a signal is expected to move when an organization climbs from stage to stage."""

    RISES = "rises"
    FALLS = "falls"
    PEAKS = "peaks"  #: highest at a middle stage
    FREE = "free"  #: no expectation; driven by industry or audience


class MissingReason(StrEnum):
    """Why a signal has no value; empty when it has one."""

    NONE = ""
    ABSENT = "absent"  #: the organization has no channel that could carry the signal
    UNOBSERVED = "unobserved"  #: it may exist, we did not see it: gap, refusal, short history
    UNDEFINED = "undefined"  #: seen, but there was too little to compute it from


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One measured indicator of an organization over a window of full weeks.

    `separates` names the neighbouring stages that the signal mainly helps to tell apart
    ("1/2"; "" when none). `minimum_count` is the n below which the value is undefined.
    """

    code: str
    label: str
    family: str  #: signals of one family rest on the same evidence: volume, rhythm, upkeep
    unit: str
    window_weeks: int
    definition: str
    formula: str
    direction: Direction
    separates: str
    source: str  #: where the formula comes from
    minimum_count: int = 1
    is_feature: bool = True  #: whether models read it


SIGNALS = (
    Signal(
        code="posts_per_week",
        label="Posts per week",
        family="volume",
        unit="posts",
        window_weeks=13,
        definition="Original posts in a typical week, over all channels that were covered.",
        formula="median over covered weeks of the number of original posts in the week",
        direction=Direction.RISES,
        separates="1/2",
        source="Altimeter family of metrics, posting volume; median chosen against campaign peaks",
    ),
    Signal(
        code="active_weeks_share",
        label="Active weeks",
        family="volume",
        unit="share",
        window_weeks=13,
        definition="How many of the covered weeks show at least one original post.",
        formula="covered weeks with at least one original post / covered weeks",
        direction=Direction.RISES,
        separates="1/2",
        source="own definition",
    ),
    Signal(
        code="burstiness",
        label="Burstiness",
        family="rhythm",
        unit="index from -1 to 1",
        window_weeks=26,
        definition=(
            "Whether posts come evenly (-1), at random (0) or in bursts (1), corrected for "
            "how few they are."
        ),
        formula=(
            "A = (sqrt(n+1) r - sqrt(n-1)) / ((sqrt(n+1) - 2) r + sqrt(n-1)), with r the standard "
            "deviation of the times between posts over their mean, and n the number of posts"
        ),
        direction=Direction.FALLS,
        separates="2/4",
        source=(
            "Kim and Jo 2016, Measuring burstiness for finite event sequences, Physical Review E "
            "94, 032311; after Goh and Barabasi 2008"
        ),
        minimum_count=20,
    ),
    Signal(
        code="weekend_share",
        label="Weekend share",
        family="rhythm",
        unit="share",
        window_weeks=13,
        definition="Posts on Saturday or Sunday in the organization's own time zone.",
        formula="original posts on Saturday or Sunday / original posts with a known local day",
        direction=Direction.FREE,
        separates="",
        source="own definition",
        minimum_count=20,
    ),
    Signal(
        code="office_hours_share",
        label="Office hours share",
        family="rhythm",
        unit="share",
        window_weeks=13,
        definition=(
            "Posts on Monday to Friday from 09:00 to before 17:00 in the organization's own "
            "time zone."
        ),
        formula="original posts in office hours / original posts with a known local time",
        direction=Direction.FREE,
        separates="",
        source="own definition",
        minimum_count=20,
    ),
    Signal(
        code="dormant_share",
        label="Dormant channels",
        family="upkeep",
        unit="share",
        window_weeks=26,
        definition="Channels that have been silent for more than 180 days.",
        formula="channels silent for more than 180 days / channels observed for that long",
        direction=Direction.PEAKS,
        separates="3/4",
        source="own definition; in 2011 only 49 % of large firms had an inventory of accounts",
    ),
    Signal(
        code="days_since_last_post",
        label="Days since the last post",
        family="upkeep",
        unit="days",
        window_weeks=26,
        definition="Days from the latest original post on any channel to the end of the window.",
        formula="end of the window - time of the latest original post, in days",
        direction=Direction.FALLS,
        separates="1/2",
        source="own definition",
    ),
    Signal(
        code="reply_rate_72h",
        label="Replies within 72 hours",
        family="dialogue",
        unit="share",
        window_weeks=13,
        definition=(
            "How much of what outsiders said to the organization in public it answered in public "
            "within 72 hours, in conversations that could be watched whole for as long."
        ),
        formula="answered within 72 hours / said to the organization and watched for 72 hours",
        direction=Direction.RISES,
        separates="2/3",
        source="Sprout Social 2016 and Socialbakers 2013 report such rates; own definition",
        minimum_count=20,
        is_feature=False,
    ),
    Signal(
        code="question_reply_rate_72h",
        label="Questions answered within 72 hours",
        family="dialogue",
        unit="share",
        window_weeks=13,
        definition="The same, of what asks something by its mark or by the platform's word.",
        formula="questions answered within 72 hours / questions watched for 72 hours",
        direction=Direction.RISES,
        separates="2/3",
        source="Socialbakers 2013, Socially Devoted (question response rate); own definition",
        minimum_count=20,
        is_feature=False,
    ),
    Signal(
        code="response_hours_median",
        label="Time to first answer",
        family="dialogue",
        unit="hours",
        window_weeks=13,
        definition=(
            "Time in which half of the questions to the organization get its first answer; "
            "those that wait still count as waiting longer than they were watched."
        ),
        formula="Kaplan-Meier median of (first answer - question), open questions censored",
        direction=Direction.FALLS,
        separates="2/3",
        source=(
            "Kaplan and Meier 1958, Nonparametric estimation from incomplete observations, JASA "
            "53; interval after Brookmeyer and Crowley 1982, Biometrics 38"
        ),
        minimum_count=5,
        is_feature=False,
    ),
)

SIGNAL_CODES = tuple(signal.code for signal in SIGNALS)
#: The signals that models read, in the order of their columns.
FEATURE_CODES = tuple(signal.code for signal in SIGNALS if signal.is_feature)


def signal_named(code: str) -> Signal:
    """The signal with this code.

    Raises:
        KeyError: no signal has it; the message names those that exist.
    """
    for signal in SIGNALS:
        if signal.code == code:
            return signal
    message = f"no signal {code!r}; there are {', '.join(SIGNAL_CODES)}"
    raise KeyError(message)
