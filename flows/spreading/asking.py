"""Asking channels on many workers; loading stays with the process that started the run."""

from __future__ import annotations

from multiprocessing import current_process
from typing import TYPE_CHECKING, Any

from flows.collect import collect_batch, failed_batch, load
from flows.errors import NothingDoneError
from flows.spreading.chains import Chain, chains
from flows.spreading.workers import RETRIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client, Future

    from flows.fetchplan import FetchPlan
    from flows.job import Session
    from flows.parsing import LandedBatch
    from flows.project import Project


def ask_chain(project: Project, plan: FetchPlan, chain: Chain) -> list[list[LandedBatch]]:
    """Ask the channels of some batches, one batch after another, on whatever machine this is.

    It must see the data folder under the same path. What an earlier try archived, on a worker
    that has died since, is not asked again.
    """
    if current_process().daemon:
        message = (
            "this worker may start no processes, which parsing does: start workers with "
            "DASK_DISTRIBUTED__WORKER__DAEMON=False in their environment"
        )
        raise NothingDoneError(message)
    return [collect_batch(project, plan, batch) for batch in chain]


def collect_spread(
    client: Client,
    under_way: Session,
    plan: FetchPlan,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Ask all channels of a run on workers, and load what comes back as it comes.

    Args:
        client: of the workers, who see the data folder under the same path.
        under_way: the run; what came back is counted there.
        plan: how to ask.
        advance: told how many more channels are done.
    """
    from distributed import as_completed

    project = under_way.order.project
    futures = {
        client.submit(ask_chain, project, plan, chain, pure=False, retries=RETRIES): chain
        for chain in chains(under_way.batches)
    }
    for future in as_completed(list(futures)):  # type: ignore[no-untyped-call]
        chain = futures.pop(future)
        _take(under_way, chain, future)
        advance(sum(len(batch.channels) for batch in chain))
        future.release()  # what it holds is loaded


def _take(under_way: Session, chain: Chain, future: Future[Any]) -> None:
    """Load what a chain brought; one that failed does not stop the others."""
    if error := future.exception():  # type: ignore[no-untyped-call]
        for batch in chain:
            failed_batch(under_way.collected, batch, error)
        return
    for landed in future.result():
        load(under_way.connection, under_way.run.run_id, landed, under_way.collected)
