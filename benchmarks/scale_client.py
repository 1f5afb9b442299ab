"""A plain client, to see whether a server is fast enough not to be what is measured."""

from __future__ import annotations

import asyncio
import time
from itertools import cycle, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONNECTIONS = 16
_MOST_REQUESTS = 3000
_REQUESTS_AN_ADDRESS = 10


def requests_per_second(addresses: Sequence[tuple[str, str]], port: int) -> float:
    """How many documents a second this process gets, which keeps nothing and reads nothing.

    Args:
        addresses: host and path of what is asked, in turns.
        port: of all hosts.
    """
    return asyncio.run(_rate(addresses, port))


async def _rate(addresses: Sequence[tuple[str, str]], port: int) -> float:
    count = min(_MOST_REQUESTS, _REQUESTS_AN_ADDRESS * len(addresses))
    todo = islice(cycle(addresses), count)
    started = time.perf_counter()
    await asyncio.gather(*(_ask(todo, port) for _ in range(_CONNECTIONS)))
    return count / (time.perf_counter() - started)


async def _ask(todo: Iterator[tuple[str, str]], port: int) -> None:
    """Ask one after another; hosts differ, so each has a connection of its own, as in a run."""
    for host, path in todo:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(r[15:]) for r in head.split(b"\r\n") if r.startswith(b"Content-Length"))
        await reader.readexactly(length)
        writer.close()
