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
from flows.settings import load_settings, prepare_prefect

prepare_prefect(Path.cwd())

from prefect import flow, get_run_logger, task  # noqa: E402 - after its settings are in place
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.futures import as_completed  # noqa: E402
from prefect.runtime import flow_run  # noqa: E402
from prefect.task_runners import ThreadPoolTaskRunner  # noqa: E402
from prefect.utilities.urls import url_for  # noqa: E402

from flows import job  # noqa: E402
from flows.batches import Batch  # noqa: E402, TC001 - Prefect reads annotations at run time
from flows.collect import collect_batch, failed_batch, load  # noqa: E402
from flows.fetchplan import FetchPlan  # noqa: E402, TC001 - Prefect reads annotations at run time
from flows.parsing import LandedBatch  # noqa: E402, TC001 - Prefect reads annotations at run time
from flows.project import Project  # noqa: E402, TC001 - the same

if TYPE_CHECKING:
    from prefect.futures import PrefectFuture

_WORKERS = 3


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
) -> dict[str, Any]:
    """Do the whole job for the project in `folder`; returns the run in numbers.

    Args:
        folder: the project.
        as_of: compute signals as of the end of this date; None for now.
        ask_all: also ask channels that are not due.
        settings: overrides of the project's settings.
    """
    moment = read_as_of(as_of) if as_of else None
    project_settings = load_settings(Path(folder).resolve(), settings)
    order = job.make_order(project_settings, moment, ask_all=ask_all, command="monitor")
    order = replace(order, flow_run_url=_flow_run_url())
    with job.session(order) as under_way:
        job.plan(under_way)
        _collect(under_way)
        finished = finish_task(under_way)
        inbox = {"files": len(finished.inbox.files), "problems": finished.inbox.problems}
        return job.summary(under_way) | {"snapshot": str(finished.snapshot), "inbox": inbox}


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
    for future in as_completed(list(futures)):
        try:
            landed = future.result()
        except Exception as error:  # noqa: BLE001 - one bad batch must never stop the others
            get_run_logger().error("batch %s: %s", futures[future].number, error)
            failed_batch(under_way.collected, futures[future], error)
        else:
            load(under_way.connection, under_way.run.run_id, landed, under_way.collected)
