"""The workers of a run: those of a Dask scheduler, or processes of this machine."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from flows.errors import InputError, NothingDoneError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

#: A task whose worker died is given to another one so many times.
RETRIES = 3
_PATIENCE_SECONDS = 30
_SETTINGS = {
    # Workers that die are no fault of the task: another one does it.
    "distributed.scheduler.allowed-failures": RETRIES,
    # They start processes of their own, for documents that no parser survives.
    "distributed.worker.daemon": False,
}


@contextmanager
def workers(setting: str) -> Iterator[Client]:
    """The client of the workers that a setting names.

    Args:
        setting: the address of a Dask scheduler, `tcp://host:8786`, or how many processes of this
            machine to start.

    Raises:
        InputError: it is neither, or Dask is not installed.
        NothingDoneError: the scheduler does not answer.
    """
    try:
        import dask
        from distributed import Client
    except ModuleNotFoundError as error:
        problem = f"the setting workers: {error.name} is not installed; `make lake` installs it"
        raise InputError(problem) from error
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_SETTINGS))
        address = _address(stack, setting)
        try:
            yield stack.enter_context(Client(address, timeout=_PATIENCE_SECONDS))  # type: ignore[no-untyped-call]
        except OSError as error:
            message = f"the setting workers: no Dask scheduler answers at {setting} ({error})"
            raise NothingDoneError(message) from error


def _address(stack: ExitStack, setting: str) -> str:
    """Of the scheduler; one of our own is started where a number is asked for."""
    if "://" in setting:
        return setting
    if not setting.isdigit() or not int(setting):
        problem = (
            f"the setting workers = {setting!r} is neither a number of processes nor the address "
            "of a Dask scheduler such as tcp://host:8786"
        )
        raise InputError(problem)
    from distributed import LocalCluster

    cluster = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=int(setting), threads_per_worker=1, processes=True, dashboard_address=None
    )
    stack.enter_context(cluster)
    return str(cluster.scheduler_address)
