"""The whole job: collect, build, estimate, compare, publish, as plain functions.

`barograph run` calls it directly; the Prefect flow in `flows.monitor` calls the same steps.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from connectors.contract import Outcome
from connectors.fetching.budgets import server_of
from connectors.fetching.guard import Guard
from connectors.fetching.state import FetchState
from connectors.fetching.tokens import GITHUB
from flows.alerting.destinations import destinations
from flows.alerting.watch import Watched, watch_safely
from flows.batches import Batch, make_batches
from flows.build import build_signals
from flows.claims import claims_of_file
from flows.clock import now
from flows.collect import Collected, collect
from flows.compare import compare_stages
from flows.errors import InputError
from flows.estimate import estimate
from flows.fetchplan import FetchPlan, fetch_plan
from flows.hosts import first_url, host_of
from flows.inbox import take_in_claims
from flows.keyring import Keyring, read_keyring, write_keyring
from flows.objections import wanted_organizations
from flows.opening import open_project
from flows.optouts import read_opt_outs
from flows.organizations import find_organizations, read_organizations
from flows.publicwords import renew_public_words
from flows.publish import publish
from flows.purging import keep_to_limits
from flows.recovery import close_killed_runs, read_states, recover
from flows.runs import Run, new_run
from flows.statements import corrected, read_corrections
from flows.termsregister import read_terms, refusals, source_rows
from warehouse.build import last_clock
from warehouse.reading import rows
from warehouse.register import (
    record_run,
    register_key_periods,
    register_organizations,
    register_sources,
)
from warehouse.writers import at_work, sole_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from classifiers.agreement import Comparison
    from connectors.contract import Channel
    from connectors.terms.register import Terms
    from flows.inbox import Taken
    from flows.organizations import Organization
    from flows.project import Project
    from flows.settings import Settings
    from warehouse.db import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run was asked to do, checked and complete."""

    settings: Settings
    organizations: tuple[Organization, ...]
    as_of: datetime
    ask_all: bool = False  #: also channels that are not due by our own interval
    command: str = "run"
    is_invented: bool = False
    flow_run_url: str = ""  #: where Prefect shows the run
    patience_seconds: float = 0.0  #: how long to wait for another who writes to the warehouse
    opt_out: tuple[str, ...] = ()  #: whom never to ask
    left_out: tuple[str, ...] = ()  #: organizations on the list that asked to be forgotten
    terms: Mapping[str, Terms] = field(default_factory=dict)  #: by source

    @property
    def project(self) -> Project:
        """The data folder that the run works in."""
        return self.settings.project

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All channels on the list."""
        return tuple(c for organization in self.organizations for c in organization.channels)

    def fetch_plan(self, version: str) -> FetchPlan:
        """How to ask, by the settings."""
        return fetch_plan(self.settings, version, self.project.hosts, self.opt_out)


@dataclass(slots=True)
class Session:
    """A run under way: its record, the open warehouse and what it is to ask."""

    order: Order
    run: Run
    organizations_name: str
    connection: Connection
    batches: list[Batch] = field(default_factory=list)
    collected: Collected = field(default_factory=Collected)
    recovered_batch_count: int = 0
    watched: Watched | None = None  #: what the look for alerts at its end came to

    def record(self) -> None:
        """Write the run's record to the archive and the warehouse."""
        self.order.project.archive.write_run(self.run.record(self.organizations_name))
        record_run(self.connection, self.run.row())


def make_order(
    settings: Settings,
    as_of: datetime | None,
    *,
    ask_all: bool = False,
    command: str = "run",
    is_invented: bool = False,
) -> Order:
    """Read the list of organizations and check that it may be collected.

    Raises:
        InputError: the list or the claims have problems, or public hosts would be asked without
            a contact.
    """
    path = find_organizations(settings.folder, settings.organizations)
    listed = read_organizations(path)
    wanted = list(wanted_organizations(listed, settings))
    left_out = {o.organization_id for o in listed} - {o.organization_id for o in wanted}
    order = Order(
        settings=settings,
        organizations=tuple(corrected(wanted, read_corrections(settings.folder))),
        as_of=as_of or now(),
        ask_all=ask_all,
        command=command,
        is_invented=is_invented,
        opt_out=read_opt_outs(settings),
        left_out=tuple(sorted(left_out)),
        terms=read_terms(settings.folder),
    )
    _check_hosts(order)
    _check_contact(order)
    destinations(settings)
    claims_of_file(settings, {o.organization_id for o in listed})  # before hours of collecting
    return order


def _check_hosts(order: Order) -> None:
    """A network with a slip of the pen would pass for a name that nobody has."""
    for host in order.settings.allow_host:
        try:
            if "/" in host:
                ip_network(host, strict=False)
        except ValueError as error:
            problem = f"--allow-host {host}: no network ({error}); write for example 10.1.0.0/16"
            raise InputError(problem) from error


def _check_contact(order: Order) -> None:
    """Whoever asks other people's servers must say who is asking (rule R16)."""
    guard = Guard.allowing(order.settings.allow_host)
    hosts = (host_of(first_url(channel)) for channel in order.channels)
    public = next((host for host in hosts if not guard.permits_name(host)), "")
    if public and not order.settings.contact:
        problem = (
            f"no contact is set, so {public} will not be asked: servers must be able to reach you. "
            'Set contact = "you@example.org" in barograph.toml, or BAROGRAPH_CONTACT'
        )
        raise InputError(problem)


@contextmanager
def session(order: Order) -> Iterator[Session]:
    """A run from its first record to its last, whatever happens in between."""
    with open_project(order.project, patience_seconds=order.patience_seconds) as connection:
        run = new_run(
            order.command,
            now(),
            order.as_of,
            is_invented=order.is_invented,
            flow_run_url=order.flow_run_url,
        )
        with at_work(connection, run.run_id):
            under_way = _begin(order, run, connection)
            try:
                yield under_way
                keep_to_limits(order.project, connection, now(), order.settings)
            except BaseException as error:
                _end(under_way, *_ending(error))
                with suppress(Exception):  # what went wrong first is what must be told
                    keep_to_limits(order.project, connection, now(), order.settings)
                if isinstance(error, Exception):  # whoever was told to end does so at once
                    _watch(under_way)
                raise
            _end(under_way, _final_state(under_way.collected), "")
            _watch(under_way)


def _begin(order: Order, run: Run, connection: Connection) -> Session:
    """Bring in what an earlier run left, then what this one is about."""
    project = order.project
    close_killed_runs(project, connection)
    register_key_periods(connection, _renew_keys(order, run.started_at).periods())
    records = [organization.record() for organization in order.organizations]
    under_way = Session(order, run, project.archive.write_organizations(records), connection)
    under_way.recovered_batch_count = recover(project, connection)
    register_organizations(connection, records, run.row()["started_at"])
    register_sources(connection, source_rows(order.terms, (c.source for c in order.channels)))
    under_way.record()
    return under_way


def _watch(under_way: Session) -> None:
    """Tell what matters to those who went home."""
    order = under_way.order
    under_way.watched = watch_safely(
        order.project, order.settings, under_way.connection, now(), under_way.run.run_id
    )


def _ending(error: BaseException) -> tuple[str, str]:
    """State and error of a run that did not reach its end."""
    if isinstance(error, Exception):
        return "failed", f"{type(error).__name__}: {error}"
    return "interrupted", "it was told to end before its work was done"


def _renew_keys(order: Order, moment: datetime) -> Keyring:
    """See to it that every source has a key of this year before anybody is read."""
    path = order.project.keyring
    known = read_keyring(path)
    renewed = known.renewed({channel.source for channel in order.channels}, moment)
    if renewed is not known:
        write_keyring(path, renewed)
    return renewed


def _end(under_way: Session, state: str, error: str) -> None:
    failed = under_way.collected.failed_count
    under_way.run = replace(
        under_way.run, ended_at=now(), state=state, failed_count=failed, error=error
    )
    under_way.record()


def _final_state(collected: Collected) -> str:
    return "completed_with_failures" if collected.failed_count else "completed"


def plan(under_way: Session) -> None:
    """Decide which channels this run asks: those that are due and not held by their server."""
    order, started_at = under_way.order, under_way.run.started_at
    states = read_states(under_way.connection)
    channels = [(c, states.get(c.channel_id) or _new_state(c)) for c in order.channels]
    holds = _hold_keys(order, under_way.run.barograph_version)
    due, held = _select(channels, holds, started_at, ask_all=order.ask_all)
    closed = refusals(order.terms, (c.source for c in order.channels), started_at.date())
    under_way.batches = make_batches(
        under_way.run.run_id, started_at, due, states, order.settings.batch_channels, closed
    )
    under_way.run = replace(
        under_way.run,
        channel_count=len(order.channels),
        due_count=len(due),
        held_count=len(held),
    )
    under_way.record()


def _select(
    channels: Sequence[tuple[Channel, FetchState]],
    holds: frozenset[str],
    moment: datetime,
    *,
    ask_all: bool,
) -> tuple[list[Channel], list[Channel]]:
    """Channels to ask, and channels that their servers want left alone."""
    due, held = [], []
    for channel, state in channels:
        if state.is_held(moment) or (holds and _is_among(holds, channel, state)):
            held.append(channel)
        elif ask_all or state.is_due(moment):
            due.append(channel)
    return due, held


def _is_among(holds: frozenset[str], channel: Channel, state: FetchState) -> bool:
    address = state.adoption.resolve(first_url(channel))
    return not holds.isdisjoint({address, host_of(address), server_of(address)})


def _new_state(channel: Channel) -> FetchState:
    return FetchState(channel_id=channel.channel_id)


def _hold_keys(order: Order, version: str) -> frozenset[str]:
    """Hosts and addresses that other answers want left alone, also those of other processes."""
    book = order.fetch_plan(version).hold_book()
    keys = frozenset(hold.key for hold in book.current())
    # what is used up without a token may not be with one
    return keys - {server_of(GITHUB)} if order.settings.github_tokens else keys


def collect_directly(under_way: Session, advance: Callable[[int], None]) -> Collected:
    """Ask everyone inside this process, or on the workers that are set."""
    order = under_way.order
    fetching = order.fetch_plan(under_way.run.barograph_version)
    if order.settings.workers:
        _collect_on_workers(under_way, fetching, advance)
        return under_way.collected
    under_way.collected = collect(
        order.project, under_way.connection, fetching, under_way.batches, advance
    )
    return under_way.collected


def _collect_on_workers(
    under_way: Session, fetching: FetchPlan, advance: Callable[[int], None]
) -> None:
    from flows.spreading.asking import collect_spread
    from flows.spreading.workers import workers

    with workers(under_way.order.settings.workers) as client:
        collect_spread(client, under_way, fetching, advance)


def summary(under_way: Session) -> dict[str, object]:
    """A run in numbers, for `--json`."""
    run, collected = under_way.run, under_way.collected
    return {
        "run_id": run.run_id,
        "state": run.state,
        "as_of": run.as_of.isoformat(),
        "channels": run.channel_count,
        "asked": run.due_count,
        "held": run.held_count,
        "fetched": collected.count(Outcome.OK),
        "not_modified": collected.count(Outcome.NOT_MODIFIED, Outcome.UNCHANGED),
        "failed": collected.failed_count,
        "activities_parsed": collected.parsed_activity_count,
        "activities_added": collected.added_activity_count,
        "batches_recovered": under_way.recovered_batch_count,
        "failures": {name: text for name, text in collected.errors.items() if text},
        "address_changes": dict(collected.notes),
    }


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run leaves to look at."""

    snapshot: Path
    comparison: Comparison
    overview: list[dict[str, Any]]
    inbox: Taken


def finish(under_way: Session) -> Finished:
    """Everything after collecting: build, estimate, compare, publish."""
    connection, project = under_way.connection, under_way.order.project
    with sole_writer(connection):
        build_signals(project, connection, under_way.order.as_of)
        estimate(project, connection)
        taken = take_in_claims(project, under_way.order.settings, connection)
        comparison = compare_stages(connection)
        conclude(under_way)
        renew_public_words(under_way.order.settings, connection)
        snapshot = publish(project, connection)
    week = last_clock(connection).as_of_week
    overview = rows(connection, "overview", {"as_of_week": week})
    return Finished(snapshot, comparison, overview, taken)


def conclude(under_way: Session) -> None:
    """Record how collecting ended, so that what is published from now on says so."""
    state = _final_state(under_way.collected)
    under_way.run = replace(
        under_way.run, state=state, failed_count=under_way.collected.failed_count
    )
    under_way.record()
