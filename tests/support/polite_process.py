"""A process of its own that asks a server politely; run as a script.

Arguments: the folder of shared turns, the server's port, the host to take turns at, the name
under which the requests are seen, how many requests to make, how many tasks make them, and the
pace. It says "ready", waits for a line, asks, and ends with status 0.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from connectors.fetching.pacing import Pace, Pacer


async def ask_all(arguments):
    folder, port, host, name, count, tasks, parallel, spacing = arguments
    pacer, pace = Pacer(Path(folder)), Pace(int(parallel), float(spacing))
    numbers = iter(range(int(count)))

    async def ask():
        for number in numbers:
            async with pacer.turn(host, pace):
                await get(int(port), f"/{name}/{number}")

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    await asyncio.gather(*(ask() for _ in range(int(tasks))))


async def get(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    await reader.read()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


if __name__ == "__main__":
    asyncio.run(ask_all(sys.argv[1:]))
