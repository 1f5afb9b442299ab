"""The pace of a host holds over all processes, and no process that dies takes it along.

Every test has real processes and a real server, which notes by the monotonic clock when a
request arrived and when it was answered: both lie within the turn of whoever asked.
"""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import polite_process
import pytest
from pace import assert_spaced

pytestmark = pytest.mark.thorough

PATIENCE_SECONDS = 60


def test_four_processes_keep_the_pace_of_one_host_and_lose_no_turn(tmp_path):
    with answering(tmp_path, 0.05) as server:
        run([asking(server, f"p{number}", count=6) for number in range(4)])
    assert Counter(visit.name for visit in server.visits) == dict.fromkeys(
        ["p0", "p1", "p2", "p3"], 6
    )
    assert_spaced(server.starts(), 0.2)
    assert most_at_once(server.visits) <= 2
    assert duration(server.starts()) <= 23 * 0.2 / 0.8


def test_a_slow_host_is_asked_by_two_at_once_and_never_by_more(tmp_path):
    with answering(tmp_path, 0.6) as server:
        run([asking(server, f"p{number}", count=4) for number in range(4)])
    assert len(server.visits) == 16
    assert most_at_once(server.visits) == 2
    assert duration(server.starts()) <= 7 * 0.6 / 0.8
    assert_spaced(server.starts(), 0.2)


def test_a_process_that_is_killed_gives_its_turns_back(tmp_path):
    with answering(tmp_path, 0.05) as server:
        server.hanging.add("killed")
        killed = [asking(server, "killed", count=1) for _ in range(2)]
        start(killed)
        wait_until(lambda: len(server.visits) == 2)
        lasting = asking(server, "lasting", count=6)
        start([lasting])
        time.sleep(0.6)
        assert {visit.name for visit in server.visits} == {"killed"}
        for process in killed:
            end(process, signal.SIGKILL)
        killed_at = time.monotonic()
        finish([lasting])
    starts = [visit.start for visit in server.visits if visit.name == "lasting"]
    assert len(starts) == 6
    assert starts[0] - killed_at < 2  # who is never let go waits for ever
    assert_spaced(starts, 0.2)
    assert duration(starts) <= 5 * 0.2 / 0.8


def test_the_others_go_on_at_full_pace_when_one_of_them_is_killed_while_it_asks(tmp_path):
    with answering(tmp_path, 0.05) as server:
        server.hanging.add("killed")
        killed = asking(server, "killed", count=50)
        others = [asking(server, f"p{number}", count=6) for number in range(3)]
        start([killed, *others])
        wait_until(lambda: "killed" in {visit.name for visit in server.visits})
        time.sleep(0.3)
        end(killed, signal.SIGKILL)
        finish(others)
    assert Counter(visit.name for visit in server.visits if visit.name != "killed") == {
        "p0": 6,
        "p1": 6,
        "p2": 6,
    }
    assert_spaced(server.starts(), 0.2)
    assert most_at_once(server.visits) <= 2
    assert duration(server.starts()) <= 18 * 0.2 / 0.8


def test_a_process_that_is_killed_while_it_waits_holds_nobody_up(tmp_path):
    with answering(tmp_path, 0.05) as server:
        server.hanging.add("slow")
        slow = asking(server, "slow", count=2)
        start([slow])
        wait_until(lambda: len(server.visits) == 2)
        waiting = asking(server, "waiting", count=1)
        start([waiting])
        time.sleep(0.3)
        next_in_line = asking(server, "next", count=1)
        start([next_in_line])
        time.sleep(0.3)
        end(waiting, signal.SIGKILL)
        end(slow, signal.SIGKILL)
        killed_at = time.monotonic()
        finish([next_in_line])
    assert [visit.name for visit in server.visits] == ["slow", "slow", "next"]
    assert server.starts()[-1] - killed_at < 2  # who is never let go waits for ever


def test_every_process_gets_its_share_however_many_tasks_it_has(tmp_path):
    with answering(tmp_path, 0.01) as server:
        tasks = {"one": 1, "two": 2, "ten": 10, "forty": 40}
        processes = [
            asking(server, name, count=1000, tasks=count, pace=(2, 0.05))
            for name, count in tasks.items()
        ]
        start(processes)
        wait_until(lambda: len(server.visits) >= 60)
        for process in processes:
            end(process, signal.SIGKILL)
    shares = Counter(visit.name for visit in server.visits[:60])
    assert set(shares) == set(tasks)
    assert min(shares.values()) >= 60 / 4 / 3


def test_a_process_with_short_requests_does_not_take_every_turn_of_a_narrow_host(tmp_path):
    with answering(tmp_path, 0.02) as server:
        names = ["a", "b", "c"]
        processes = [asking(server, name, count=1000, tasks=5, pace=(1, 0.0)) for name in names]
        start(processes)
        wait_until(lambda: len(server.visits) >= 60)
        for process in processes:
            end(process, signal.SIGKILL)
    shares = Counter(visit.name for visit in server.visits[:60])
    assert min(shares[name] for name in names) >= 60 / 3 / 3
    assert most_at_once(server.visits[:60]) == 1


def test_processes_at_two_hosts_do_not_wait_for_each_other(tmp_path):
    with answering(tmp_path, 0.01) as server:
        run(
            [
                asking(server, host, host=host, count=1, pace=(1, 30))
                for host in ("a.example", "b.example")
            ]
        )
    assert duration(server.starts()) < 5


def test_a_process_that_ends_leaves_no_file_but_the_line(tmp_path):
    with answering(tmp_path, 0.01) as server:
        run([asking(server, "p", count=3, pace=(2, 0.05))])
    assert [path.suffix for path in (tmp_path / "turns").iterdir()] == [".line"]


@dataclass
class Visit:
    name: str
    start: float
    end: float | None = None


class SlowServer(ThreadingTCPServer):
    """Answers after `seconds`; who is `hanging` is never answered and stays until it dies."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, turns, seconds):
        super().__init__(("127.0.0.1", 0), _Visitor)
        self.turns = turns
        self.seconds = seconds
        self.hanging = set()
        self.visits = []

    def starts(self):
        return [visit.start for visit in self.visits]

    def handle_error(self, request, client_address):
        """Visitors that are killed in the middle are what some tests are about."""


class _Visitor(StreamRequestHandler):
    def handle(self):
        arrived_at = time.monotonic()
        name = self.rfile.readline().split(b"/")[1].decode()
        visit = Visit(name, arrived_at)
        self.server.visits.append(visit)
        if name in self.server.hanging:
            while self.request.recv(1024):
                pass
        else:
            time.sleep(self.server.seconds)
        visit.end = time.monotonic()
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
        self.request.shutdown(socket.SHUT_WR)


@contextmanager
def answering(folder, seconds):
    with ExitStack() as stack:
        server = SlowServer(folder / "turns", seconds)
        stack.callback(server.server_close)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield server
        server.visits.sort(key=lambda visit: visit.start)


def asking(server, name, *, count, host="news.example", tasks=4, pace=(2, 0.2)):
    """A process that is ready to ask `count` times."""
    values = [server.turns, server.server_address[1], host, name, count, tasks, *pace]
    process = subprocess.Popen(
        [sys.executable, str(Path(polite_process.__file__)), *map(str, values)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def start(processes):
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def finish(processes):
    for process in processes:
        process.communicate(timeout=PATIENCE_SECONDS)
    assert [process.returncode for process in processes] == [0] * len(processes)


def run(processes):
    start(processes)
    finish(processes)


def end(process, sign):
    process.send_signal(sign)
    process.communicate(timeout=PATIENCE_SECONDS)


def wait_until(has_happened):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not has_happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


def duration(starts):
    return starts[-1] - starts[0]


def most_at_once(visits):
    """The largest number of visits under way at the start of one of them."""
    moments = [visit.start for visit in visits]
    return max(sum(is_under_way(visit, moment) for visit in visits) for moment in moments)


def is_under_way(visit, moment):
    return visit.start <= moment and (visit.end is None or moment < visit.end)
