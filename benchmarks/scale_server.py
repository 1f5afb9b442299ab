"""Serves a world of `scale_world` at the loopback network, as a process of its own.

    python benchmarks/scale_server.py --organizations 50 --channels 6 --seed 1 --port 8100

It answers conditional requests as the real ones do: feeds by ETag and Last-Modified, Mastodon and
Bluesky by weak ETags, forums and WordPress's interface not at all. At 127.0.0.1 it tells what it
was asked and what that cost it (`/counts`), and shows the next state of the world (`/move-on`).
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import socket
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING

import scale_world

from flows.demo.platforms import Platforms
from flows.demo.site import Conditions, Resource, answer, build_site, json_resource

if TYPE_CHECKING:
    from flows.demo.world import World

_CONTROL = "127.0.0.1"
_LOOPBACK = "127."
_END = b"\r\n\r\n"
_WAITING_CONNECTIONS = 4096


class Place:
    """What one host shows."""

    def __init__(self, kind: str, world: World) -> None:
        self.kind = kind
        self._site = build_site(world) if kind == "site" else {}
        self._platforms = Platforms(world)
        self._kept: dict[str, Resource | None] = {}

    def resource(self, target: str, base_url: str) -> Resource | None:
        """What stands at an address; what was once written out is kept."""
        path, _, query = target.partition("?")
        if found := self._site.get(path):
            return found
        if target not in self._kept:
            found = self._platforms.resource(path, query, base_url)
            has_tag = found is not None and self.kind != "site" and found.status == HTTPStatus.OK
            self._kept[target] = _tagged(found) if found and has_tag else found
        return self._kept[target]

    def kind_of(self, path: str) -> str:
        """What sort of answer an address gives, for the count."""
        if path == "/robots.txt" or self.kind != "site":
            return "robots.txt" if path == "/robots.txt" else self.kind
        first = path.split("/", 2)[1]
        return {"forum": "discourse", "sites": "wordpress"}.get(first, "feeds")


def _tagged(found: Resource) -> Resource:
    return replace(found, etag=f'"{sha256(found.body).hexdigest()[:32]}"')


class Served:
    """The world as all hosts show it, and what they were asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._places: dict[str, Place] = {}
        self._counts: Counter[tuple[str, int]] = Counter()
        self._bytes = 0
        self._show()

    def reply(self, address: str, port: int, target: str, headers: dict[str, str]) -> bytes:
        """The whole answer to a request for `target` at a host."""
        if address == _CONTROL:
            return _written(*answer(self._told(target), Conditions()))
        place = self._places.get(address)
        found = place.resource(target, f"http://{address}:{port}") if place else None
        conditions = Conditions(
            if_none_match=headers.get("if-none-match", ""),
            if_modified_since=headers.get("if-modified-since", ""),
        )
        status, told, body = answer(found, conditions)
        kind = place.kind_of(target.partition("?")[0]) if place else "nobody"
        self._counts[kind, int(status)] += 1
        self._bytes += len(body)
        return _written(status, told, body)

    def _show(self) -> None:
        for host, organizations in scale_world.hosts(self._world):
            part = replace(self._world, organizations=tuple(organizations))
            self._places[host.address] = Place(host.kind, part)

    def _told(self, target: str) -> Resource | None:
        if target == "/move-on":
            self._world = scale_world.move_on(self._world, Random(0))
            self._show()
        used = resource.getrusage(resource.RUSAGE_SELF)
        return json_resource(
            {
                "requests": [[kind, status, n] for (kind, status), n in self._counts.items()],
                "bytes": self._bytes,
                "cpu_seconds": used.ru_utime + used.ru_stime,
                "peak_megabytes": used.ru_maxrss * 1024 / 1e6,
            }
        )


def _written(status: HTTPStatus, headers: dict[str, str], body: bytes) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {int(status)} {status.phrase}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One kept-alive connection that asks with GET and sends no body."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note at which address we are asked; only the loopback network is served."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._address, self._port = transport.get_extra_info("sockname")[:2]
        if not self._address.startswith(_LOOPBACK):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._unread += data
        while _END in self._unread:
            head, _, self._unread = self._unread.partition(_END)
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {n.lower(): v.strip() for n, _, v in (row.partition(":") for row in lines)}
            target = first.split(" ")[1]
            reply = self._served.reply(self._address, self._port, target, headers)
            self._transport.write(reply)


async def _serve(world: World, port: int) -> None:
    served = Served(world)
    loop = asyncio.get_running_loop()
    listening = socket.create_server(("0.0.0.0", port), backlog=_WAITING_CONNECTIONS)
    async with await loop.create_server(lambda: Connection(served), sock=listening) as server:
        await server.serve_forever()


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("organizations", "channels", "seed", "port"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--as-of", type=datetime.fromisoformat, default=datetime.now(UTC))
    given = parser.parse_args()
    world = scale_world.build(given.as_of, given.organizations, given.channels, given.seed)
    asyncio.run(_serve(world, given.port))


if __name__ == "__main__":
    main()
