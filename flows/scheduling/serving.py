"""Serving the flow `monitor` by a timetable, in this process, until it is told to end."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from flows.clock import now
from flows.scheduling.turns import last_start

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from uuid import UUID

    from prefect.runner import Runner

    from flows.project import Project
    from flows.scheduling.timetable import Timetable

#: A second run may start beside the first: it sees that it has nothing to do, and says so.
_RUNS_AT_A_TIME = 2
_POLL_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is served.

    Attributes:
        name: of the deployment, as Prefect shows it.
        folder: the project.
        timetable: when runs are due.
        overrides: settings that the command line gave.
    """

    name: str
    folder: Path
    timetable: Timetable
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """Of each flow run; plain values."""
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in self.overrides.items()}
        return {"folder": str(self.folder), "settings": plain}


def is_behind(project: Project, timetable: Timetable) -> bool:
    """Whether a run was due, while nobody was there to start it, that none has caught up for.

    A project that never ran is not behind: its first run comes when it is due.
    """
    latest = last_start(project)
    return latest is not None and latest < timetable.latest(now())


def serve(service: Service, *, catch_up: bool) -> None:
    """Start runs when they are due, until Ctrl-C or SIGTERM.

    A run under way is then told to end: it closes its record and the warehouse, and what it has
    not asked is asked by the next one. The Prefect server is the one that the environment names.

    Args:
        service: what to run, and when.
        catch_up: whether to run at once, for a run that was missed.
    """
    from prefect.deployments import run_deployment
    from prefect.runner import Runner
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from flows.monitor import monitor

    schedule = Cron(service.timetable.cron, timezone=service.timetable.timezone)
    runner = Runner(
        name=service.name,
        query_seconds=_POLL_SECONDS,
        prefetch_seconds=2 * _POLL_SECONDS,
        limit=_RUNS_AT_A_TIME,
        pause_on_shutdown=False,  # the next start must find the schedule switched on
    )
    deployment_id = runner.add_flow(
        monitor,
        name=service.name,
        schedule=schedule,
        parameters=service.parameters,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    _drop_late(cast("UUID", deployment_id))  # where no loop runs it is no coroutine
    if catch_up:
        run_deployment(f"{monitor.name}/{service.name}", timeout=0, as_subflow=False)
    asyncio.run(_run_until_told(runner))


def _drop_late(deployment_id: UUID) -> None:
    """Take runs back that were due while nobody was there: one can catch up for all of them."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas import filters
    from prefect.client.schemas.objects import StateType

    late = filters.FlowRunFilter(
        deployment_id=filters.FlowRunFilterDeploymentId(any_=[deployment_id]),
        state=filters.FlowRunFilterState(
            type=filters.FlowRunFilterStateType(any_=[StateType.SCHEDULED])
        ),
        expected_start_time=filters.FlowRunFilterExpectedStartTime.model_validate(
            {"before_": now()}
        ),
    )
    with get_client(sync_client=True) as client:
        while found := client.read_flow_runs(flow_run_filter=late):
            for run in found:
                client.delete_flow_run(run.id)


async def _run_until_told(runner: Runner) -> None:
    """Let the runner work until Ctrl-C or SIGTERM, then end what it started, and itself."""
    told = asyncio.Event()
    working = asyncio.create_task(runner.start())
    while not runner.started and not working.done():  # noqa: ASYNC110 - it tells in no other way
        await asyncio.sleep(0.05)
    for name in (signal.SIGINT, signal.SIGTERM):  # in place of its own, which ends amid its work
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    telling = asyncio.create_task(told.wait())
    await asyncio.wait({working, telling}, return_when=asyncio.FIRST_COMPLETED)
    if not working.done():
        await runner.astop()
    telling.cancel()
    await working
