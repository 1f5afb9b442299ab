"""The Prefect flow `monitor`: a thin shell over the plain functions of `flows.job`.

A task is a batch of channels, never one channel: a task run costs about 15 ms of CPU, a
feed that has not changed a tenth of a millisecond. Import this module only where Prefect is
wanted; it takes seconds.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.clock import read_as_of
from flows.scheduling.turns import TurnTakenError, turn
from flows.settings import load_settings, prepare_prefect

prepare_prefect(Path.cwd())

from prefect import flow, get_run_logger, task  # noqa: E402 - after its settings are in place
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.futures import as_completed  # noqa: E402
from prefect.runtime import flow_run  # noqa: E402
from prefect.states import Completed  # noqa: E402
from prefect.task_runners import ThreadPoolTaskRunner  # noqa: E402
from prefect.utilities.urls import url_for  # noqa: E402

from flows import job  # noqa: E402
from flows.batches import Batch  # noqa: E402, TC001 - Prefect reads annotations at run time
from flows.collect import collect_batch, failed_batch, load  # noqa: E402
from flows.fetchplan import FetchPlan  # noqa: E402, TC001 - Prefect reads annotations at run time
from flows.parsing import LandedBatch  # noqa: E402, TC001 - Prefect reads annotations at run time
from flows.project import Project  # noqa: E402, TC001 - the same
from flows.scheduling import artifacts  # noqa: E402

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State
    from prefect.futures import PrefectFuture

    from flows.settings import Settings

_WORKERS = 3
#: For somebody's `barograph build` or `import` to end.
_PATIENCE_SECONDS = 1800.0


@task(name="collect batch", retries=2, retry_delay_seconds=[5, 30], cache_policy=NO_CACHE)
def collect_batch_task(project: Project, plan: FetchPlan, batch: Batch) -> list[LandedBatch]:
    """Ask the channels of one batch; what was archived before a retry is not asked again."""
    return collect_batch(project, plan, batch)


@task(name="finish", cache_policy=NO_CACHE)
def finish_task(under_way: job.Session) -> job.Finished:
    """Build, estimate, compare, publish."""
    return job.finish(under_way)


@flow(
    name="monitor",
    task_runner=ThreadPoolTaskRunner(max_workers=_WORKERS),  # type: ignore[arg-type] # Never
    validate_parameters=False,
)
def monitor(
    folder: str = ".",
    as_of: str | None = None,
    ask_all: bool = False,  # noqa: FBT001, FBT002 - parameters of a deployment are plain values
    settings: dict[str, Any] | None = None,
) -> dict[str, Any] | State[Any]:
    """Do the whole job for the project in `folder`; returns the run in numbers.

    A run is skipped, and says so, while another is at work, and when it is late and a run that
    began since has done its job. For others who write to the warehouse it waits.

    Args:
        folder: the project.
        as_of: compute signals as of the end of this date; None for now.
        ask_all: also ask channels that are not due.
        settings: overrides of the project's settings.
    """
    project_settings = load_settings(Path(folder).resolve(), settings)
    try:
        with turn(project_settings.project, flow_run.scheduled_start_time):
            return _monitor(project_settings, as_of, ask_all=ask_all)
    except TurnTakenError as taken:
        get_run_logger().info("%s", taken)
        return Completed(name="Skipped", message=str(taken))


def _monitor(settings: Settings, as_of: str | None, *, ask_all: bool) -> dict[str, Any]:
    moment = read_as_of(as_of) if as_of else None
    order = job.make_order(settings, moment, ask_all=ask_all, command="monitor")
    order = replace(order, flow_run_url=_flow_run_url(), patience_seconds=_PATIENCE_SECONDS)
    with job.session(order) as under_way:
        job.plan(under_way)
        _collect(under_way)
        finished = finish_task(under_way)
        inbox = {"files": len(finished.inbox.files), "problems": finished.inbox.problems}
        result = job.summary(under_way) | {"snapshot": str(finished.snapshot), "inbox": inbox}
        _show(under_way, finished, result)
    return result | _alerts(under_way)


def _alerts(under_way: job.Session) -> dict[str, Any]:
    """What the look for alerts at the end of the run came to."""
    watched = under_way.watched
    for problem in watched.problems if watched else ():
        get_run_logger().warning("%s", problem)
    return {"alerts": watched.record()} if watched else {}


def _show(under_way: job.Session, finished: job.Finished, result: dict[str, Any]) -> None:
    """Leave with the flow run what somebody would look for there; it is not worth a failed run."""
    try:
        artifacts.show_run(result)
        artifacts.show_organizations(finished.overview)
        artifacts.show_failures(under_way, under_way.collected)
        artifacts.link_snapshot(finished.snapshot)
    except Exception as error:  # noqa: BLE001 - the run itself went well
        get_run_logger().warning("what the pages of Prefect show is not complete: %s", error)


def _flow_run_url() -> str:
    """Where the Prefect server shows this run; "" when it has no pages, as the embedded one."""
    found = flow_run.id and url_for("flow-run", obj_id=flow_run.id)
    return found or ""


def _collect(under_way: job.Session) -> None:
    plan = under_way.order.fetch_plan(under_way.run.barograph_version)
    project = under_way.order.project
    futures: dict[PrefectFuture[Any], Batch] = {
        collect_batch_task.submit(project, plan, batch): batch for batch in under_way.batches
    }
    run, logger = under_way.run, get_run_logger()
    logger.info("asking %d of %d channels", run.due_count, run.channel_count)
    progress = artifacts.Progress(len(futures))
    for future in as_completed(list(futures)):
        batch = futures[future]
        try:
            landed = future.result()
        except Exception as error:  # noqa: BLE001 - one bad batch must never stop the others
            logger.error("batch %s: %s", batch.number, error)  # noqa: TRY400 - said in one line
            failed_batch(under_way.collected, batch, error)
        else:
            load(under_way.connection, run.run_id, landed, under_way.collected)
        progress.advance()
    _log_collected(under_way)


def _log_collected(under_way: job.Session) -> None:
    collected, logger = under_way.collected, get_run_logger()
    for channel in under_way.order.channels:
        if problem := collected.errors.get(channel.channel_id):
            logger.warning("not seen: %s %s: %s", channel.organization_id, channel.address, problem)
    added, failed = collected.added_activity_count, collected.failed_count
    logger.info("%d activities added, %d channels not seen", added, failed)
