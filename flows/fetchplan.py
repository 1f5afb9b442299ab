"""How to ask: identity, permissions, politeness and limits, as plain values that can travel."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - dataclass fields are read at run time
from typing import TYPE_CHECKING

from connectors.fetching.budgets import Budgets
from connectors.fetching.client import Fetcher, Politeness
from connectors.fetching.guard import Guard
from connectors.fetching.holdbook import HoldBook
from connectors.fetching.optout import OptOut
from connectors.fetching.pacing import OWN_PACE, PUBLIC_PACE, Pace, Pacer
from connectors.fetching.robots import Robots
from connectors.fetching.spending import SpendingBook
from connectors.fetching.tokens import TokenPool
from connectors.fetching.transport import FetchLimits
from flows.clock import now

if TYPE_CHECKING:
    from flows.settings import Settings

_AGENT = "barograph/{version} (+{contact})"
_NO_CONTACT = "own hosts only, no contact set"
_CONNECT_SECONDS, _READ_SECONDS = 10.0, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPlan:
    """What a fetcher is made from, in this process or another one.

    `hosts_folder` keeps the holds and robots.txt of hosts, `pacing_folder` the turns at
    them; processes that name the same folders are polite together. A pace of None is the
    default: slow at public hosts, free at the operator's own. Tokens show themselves to nobody
    who prints a plan.
    """

    user_agent: str
    hosts_folder: Path | None = None
    pacing_folder: Path | None = None
    allow_hosts: tuple[str, ...] = ()
    host_parallel: int | None = None
    host_spacing_seconds: float | None = None
    robots_exempt: tuple[str, ...] = ()
    opt_out: tuple[str, ...] = ()
    deadline_seconds: float = 30.0
    body_bytes: int = 15 << 20
    github_tokens: tuple[str, ...] = field(default=(), repr=False)

    def fetcher(self) -> Fetcher:
        """A client that asks this way."""
        return Fetcher(
            user_agent=self.user_agent,
            guard=Guard.allowing(self.allow_hosts),
            limits=self._limits(),
            politeness=self._politeness(),
            tokens=TokenPool(self.github_tokens),
            clock=now,
        )

    def hold_book(self) -> HoldBook:
        """The holds that hosts have named."""
        return HoldBook(self.hosts_folder and self.hosts_folder / "holds", now)

    def _limits(self) -> FetchLimits:
        return FetchLimits(
            total_seconds=self.deadline_seconds,
            connect_seconds=min(_CONNECT_SECONDS, self.deadline_seconds),
            read_seconds=min(_READ_SECONDS, self.deadline_seconds),
            body_bytes=self.body_bytes,
        )

    def _politeness(self) -> Politeness:
        holds = self.hold_book()
        spending = SpendingBook(self.hosts_folder and self.hosts_folder / "budgets", now)
        return Politeness(
            public_pace=self._pace(PUBLIC_PACE),
            own_pace=self._pace(OWN_PACE),
            pacer=Pacer(self.pacing_folder),
            holds=holds,
            budgets=Budgets(holds, now, spending),
            robots=Robots(self.hosts_folder and self.hosts_folder / "robots", now),
            robots_exempt=OptOut.from_entries(self.robots_exempt),
            opt_out=OptOut.from_entries(self.opt_out),
        )

    def _pace(self, default: Pace) -> Pace:
        parallel, spacing = self.host_parallel, self.host_spacing_seconds
        return Pace(
            default.parallel if parallel is None else parallel,
            default.spacing_seconds if spacing is None else spacing,
        )


def fetch_plan(
    settings: Settings, version: str, hosts_folder: Path, opt_out: tuple[str, ...]
) -> FetchPlan:
    """How to ask, by the settings of a project."""
    told = "; ".join(filter(None, (settings.contact or _NO_CONTACT, settings.notice_url)))
    return FetchPlan(
        user_agent=_AGENT.format(version=version, contact=told),
        hosts_folder=hosts_folder,
        pacing_folder=settings.pacing_folder,
        allow_hosts=settings.allow_host,
        host_parallel=settings.host_parallel,
        host_spacing_seconds=settings.host_spacing_seconds,
        robots_exempt=settings.robots_exempt,
        opt_out=opt_out,
        deadline_seconds=settings.deadline_seconds,
        body_bytes=round(settings.body_megabytes * 1_000_000),
        github_tokens=settings.github_tokens,
    )
