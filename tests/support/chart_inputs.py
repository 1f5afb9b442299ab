"""Small fixed inputs of charts, as pages read them from a snapshot."""

from datetime import date, timedelta

from classifiers.stages import Stage
from dashboards.charts import (
    contributions,
    distribution,
    letterstrip,
    profilelevels,
    setcoverage,
    weekcolumns,
)
from dashboards.charts.intervals import IntervalRow
from dashboards.reading.benchmark import Organization, StageCount
from dashboards.reading.collection import SourceDay
from dashboards.reading.evidence import ActivityWeek
from dashboards.reading.organization import HistoryWeek, MeasuredOrganization
from dashboards.reading.quality import EstimateWeek, ReliabilityBin
from dashboards.reading.signals import GroupStrip, SignalDot, Spread
from dashboards.scales import share_scale

MONDAY = date(2026, 11, 16)
WEEK = timedelta(weeks=1)


def spread(n, *, high=1.0):
    """Evenly spread values from 0 to the highest."""
    levels = {f"percentile_{level:02d}": high * level / 100 for level in (5, 25, 50, 75, 95)}
    return Spread(n=n, missing_count=2, lowest=0.0, highest=high, **levels)


def estimate_weeks():
    return [
        EstimateWeek(
            as_of_week=MONDAY - WEEK * back,
            organization_count=22,
            estimate_count=21,
            abstained_count=back + 1,
            **{f"size_{size}_count": size for size in range(1, 7)},
        )
        for back in (2, 1, 0)
    ]


def activity():
    for source, replies in (("feeds", None), ("mastodon", 2)):
        for back in (3, 2, 1, 0):
            is_seen = back != 2
            yield ActivityWeek(
                source=source,
                week=MONDAY - WEEK * back,
                post_count=back + 1 if is_seen else None,
                reply_count=replies if is_seen else None,
                received_count=replies if is_seen else None,
                covered_day_count=7 if is_seen else 0,
                channel_day_count=7,
            )


def pushes():
    return contributions.pushes(
        "Above Presence?",
        [
            contributions.Push("Where all begin", -3.2, "strongly against", is_start=True),
            contributions.Push("Dialogue", 1.25, "clearly for"),
            contributions.Push("Cadence", -0.4, "a little against"),
        ],
    )


def collection_days():
    states = ((9, 9), (9, 0), (9, 4))
    return [
        SourceDay(
            source="feeds",
            day=MONDAY - timedelta(days=back),
            asked_channel_count=asked,
            seen_channel_count=seen,
            attempt_count=asked,
            failed_attempt_count=asked - seen,
        )
        for back, (asked, seen) in enumerate(states)
    ]


def stage_counts(week_count):
    return [
        StageCount(as_of_week=MONDAY - WEEK * back, stage_code=stage, organization_count=count)
        for back in range(week_count)
        for stage, count in ((None, 2), (1, 3), (3, 5 + back))
    ]


def noted():
    words = f"Week of {MONDAY - WEEK}: 61 % of organizations reached."
    return [distribution.Mark(as_of_week=MONDAY - WEEK, number=1, words=words)]


def intervals():
    return [
        IntervalRow("Finance", 0.4, 0.1, 0.7, "n = 24"),
        IntervalRow("Retail", -0.2, None, None, "n = 4", is_few=True),
    ]


def pairs():
    return {(claimed, seen): claimed * seen for claimed in Stage for seen in Stage if claimed == 3}


def organization(kind=Organization, **known):
    blank = dict.fromkeys(kind.__dataclass_fields__)
    return kind(**{**blank, "name": "Example", "as_of_week": MONDAY, **known})


def measured(**known):
    shares = (0.05, 0.35, 0.4, 0.15, 0.04, 0.01)
    probabilities = {f"probability_{at}": share for at, share in enumerate(shares, 1)}
    stages = {"stage_code": 3, "stage_label": "Engagement", "set90_low": 2, "set90_high": 4}
    return organization(MeasuredOrganization, **probabilities, **stages, **known)


def history_weeks():
    for back, stage, is_abstained in ((5, 2, False), (4, 3, False), (3, 3, True), (0, 3, False)):
        yield HistoryWeek(
            as_of_week=MONDAY - WEEK * back,
            name="Example",
            stage_code=stage,
            set90_low=stage - 1,
            set90_high=stage + 1,
            is_abstained=is_abstained,
            model_version="model-2" if back < 4 else "model-1",
        )


def bins(code):
    return [
        ReliabilityBin(
            threshold_code=code,
            bin_number=place,
            predicted_share=0.3 * place,
            observed_share=0.25 * place,
            lower=0.2 * place,
            upper=0.33 * place,
            n=20 + place,
        )
        for place in (1, 2, 3)
    ]


def held(label, n):
    return setcoverage.CoverageRow(
        label,
        n,
        (setcoverage.Held(0.8, 0.78, 0.6, 0.9), setcoverage.Held(0.9, 0.88, None, None)),
    )


def signal_dots():
    return [
        SignalDot(signal_code="x", organization_id=f"o{at}", name=f"Name {at}", value=at / 11)
        for at in range(12)
    ]


def group_spreads():
    for name, n in (("education", 25), ("finance", 12), ("retail", 4)):
        values = spread(n)
        known = {field: getattr(values, field) for field in Spread.__dataclass_fields__}
        yield GroupStrip(group_name=name, **known)


def letters():
    marks = [letterstrip.LetterMark(*each) for each in (("A", "One", 0.3), ("B", "Two", 0.31))]
    return letterstrip.letter_strip(spread(30), marks, share_scale(1), "Weekend share")


def reached():
    weeks = [MONDAY - WEEK * back for back in (2, 1, 0)]
    layer = weekcolumns.Layer("reached", [0.9, None, 0.6], {"class_": "segment found"})
    return weekcolumns.week_columns("reached", weeks, [layer], "Reached", noted=noted())


def level_rows():
    found = [("Employees", 2.0, 2, 2), ("Business", None, 1, 3), ("Technology", 2.5, 2, 3)]
    return profilelevels.profile_levels([profilelevels.Level(*each) for each in found], 1, 3)
