"""The page of one organization: where it stands, how sure that is, and what supports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from dashboards.asked import Asked, one_of
from dashboards.pages import organization_answers as answering
from dashboards.pages import organization_evidence as evidence
from dashboards.pages import organization_signals as signals
from dashboards.pages import organization_standing as stand
from dashboards.pages import organization_support as supporting
from dashboards.pages.page import Content, NoSuchOrganizationError, Page
from dashboards.reading import evidence as evidence_reading
from dashboards.reading import organization as reading
from dashboards.reading import rights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dashboards.figures import Figure
    from dashboards.pages.page import Visit


@dataclass(frozen=True, kw_only=True)
class OrganizationView(Asked):
    """One view of an organization; empty means the week of the snapshot.

    `peers` is a key of `organization_signals.PEERS`, or a named group as `group:NAME`.
    """

    week: str = one_of("week")
    peers: str = one_of("peers", "industry")

    @classmethod
    def read(
        cls, parameters: Iterable[tuple[str, str]], known: Mapping[str, Sequence[str]]
    ) -> Self:
        """As `Asked.read`; the choice of peers has the named groups of the snapshot."""
        options = signals.peer_options(known.get("group", ()))
        return super().read(parameters, {**known, "peers": [value for value, _ in options]})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationPage:
    """What the template needs beside its figures; most is None for a week without a measurement."""

    name: str
    week: str
    row: reading.MeasuredOrganization | None
    homepage: str = ""
    standing: stand.Standing | None = None
    support: supporting.Support | None = None
    is_latest: bool = True  #: parts of an estimate are published for the latest week only
    peers: signals.Peers | None = None
    peer_options: Sequence[tuple[str, str]] = ()
    families: Sequence[signals.Family] = ()
    esm3: answering.Answered | None = None
    altimeter: answering.Answered | None = None
    channels: Sequence[evidence.ChannelRow] = ()
    measured_weeks: Sequence[str] = ()
    replies: Sequence[rights.Reply] = ()
    corrections: Sequence[rights.Correction] = ()


def gather(visit: Visit) -> Content:
    """All that is told of one organization.

    Raises:
        NoSuchOrganizationError: the snapshot measured it in no week.
    """
    history = reading.history(visit.snapshot, visit.organization_id)
    if not history:
        raise NoSuchOrganizationError(visit.organization_id)
    week = visit.asked.week or f"{visit.header.as_of_week}"
    found = reading.measured_organizations(visit.snapshot, [visit.organization_id], week)
    if not found:
        return _unmeasured(visit, history, week)
    return _measured(visit, history, found[0], week)


ORGANIZATION = Page(
    name="organization",
    path="organizations",
    label="",
    gather=gather,
    asked=OrganizationView,
    is_about_one=True,
)


def _unmeasured(visit: Visit, history: Sequence[reading.HistoryWeek], week: str) -> Content:
    shown = OrganizationPage(
        name=history[-1].name,
        week=week,
        row=None,
        measured_weeks=[f"{each.as_of_week}" for each in reversed(history)],
    )
    return Content(title=shown.name, shown=shown, filters=_filters(visit))


def _measured(
    visit: Visit,
    history: Sequence[reading.HistoryWeek],
    row: reading.MeasuredOrganization,
    week: str,
) -> Content:
    is_latest = week == f"{visit.header.as_of_week}"
    parts = reading.contributions(visit.snapshot, row.organization_id) if is_latest else []
    support = supporting.support(row, parts)
    peers = signals.peers_of(row, visit.asked.peers, week)
    courses = reading.signal_courses(visit.snapshot, row.organization_id, week)
    own = reading.own_signals(visit.snapshot, [row.organization_id], week)
    families, peer_count = signals.families(visit, peers, own, courses, week)
    answers = evidence_reading.answers(visit.snapshot, row.organization_id)
    shown = OrganizationPage(
        name=row.name,
        week=week,
        row=row,
        homepage=answering.web_address(row.homepage),
        standing=stand.standing(row, visit.header.model_version),
        support=support,
        is_latest=is_latest,
        peers=peers,
        peer_options=_peer_options(visit),
        families=families,
        esm3=answering.answered("esm3", answers),
        altimeter=answering.answered("altimeter", answers),
        channels=evidence.channel_rows(
            evidence_reading.channels(visit.snapshot, row.organization_id)
        ),
        replies=rights.replies(visit.snapshot, row.organization_id),
        corrections=rights.corrections(visit.snapshot, row.organization_id),
    )
    figures = (
        stand.stages_figure(row, week),
        stand.history_figure(visit, history, row, week),
        supporting.support_figure(support, parts, week),
        signals.signals_figure(families, peers, peer_count, week),
        signals.courses_figure(courses, week),
        *_said_and_seen(visit, shown),
    )
    return Content(title=row.name, figures=figures, shown=shown, filters=_filters(visit))


def _said_and_seen(visit: Visit, shown: OrganizationPage) -> tuple[Figure, ...]:
    """Figures that rest on everything known, whatever the week."""
    assert shown.esm3 is not None
    assert shown.altimeter is not None
    name = visit.organization_id
    return (
        answering.answers_figure(shown.esm3),
        answering.answers_figure(shown.altimeter),
        evidence.channels_figure(shown.channels),
        evidence.activity_figure(evidence_reading.activity_weeks(visit.snapshot, name)),
        evidence.claims_figure(evidence_reading.claims(visit.snapshot, [name])),
    )


def _peer_options(visit: Visit) -> list[tuple[str, str]]:
    groups = [option.filter_value for option in visit.options.get("group", [])]
    return signals.peer_options(groups)


def _filters(visit: Visit) -> dict[str, object]:
    return {
        "organization": visit.organization_id,
        "week": visit.asked.week,
        "peers": visit.asked.peers,
    }
