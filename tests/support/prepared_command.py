"""Runs `barograph` in a process of its own that has its imports behind it.

Importing is the greater part of what most commands cost. A server imports once and forks for
each command; the fork takes its folder, its environment and its outputs, and then runs the
script that users run. What its parsers are forked from, and the templates of its pages, are
ready too.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

BAROGRAPH = Path(sys.executable).parent / "barograph"
#: What commands import when they need it, besides what is in `flows`.
MODULES = (
    "connectors.feeds",
    "connectors.fetching.client",
    "classifiers.agreement",
    "classifiers.correcting",
    "classifiers.estimating",
    "classifiers.persistence",
    "classifiers.training",
    "duckdb",
    "encodings.ascii",
    "encodings.utf_8_sig",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "dashboards.rendering",
    "jinja2",
    "multiprocessing.forkserver",
    "multiprocessing.popen_forkserver",
    "rich._emoji_codes",
    "rich.progress",
    "warehouse.verifying",
)
#: Takes seconds to import, and few commands need it.
_LEFT_OUT = "flows.monitor"
#: Settings that are read when they are asked for; others may count when a library is imported.
_READ_LATE = ("BAROGRAPH_", "PREFECT_", "XDG_")
_LONGEST_REQUEST = 1 << 20


class PreparedCommand:
    """A server of commands; use it as a context manager.

    `models` is a folder with the cold-start model: a command that would train it has it ready.
    """

    def __init__(self, environment, models):
        self._environment = environment
        self._socket, theirs = _pair()
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno()), str(models)],
                env=environment,
                pass_fds=[theirs.fileno()],
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        self._server.wait()

    def run(self, arguments, folder, timeout, **environment):
        """Like `subprocess.run`; a wholly new process where the environment demands it."""
        whole = self._environment | environment
        different = [k for k, v in environment.items() if self._environment.get(k) != v]
        if all(name.startswith(_READ_LATE) for name in different):
            return self._start(arguments, folder, whole).finish(timeout)
        return subprocess.run(
            [BAROGRAPH, *map(str, arguments)],
            cwd=folder,
            env=whole,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, arguments, folder, **environment):
        """A command under way, which may be killed."""
        return self._start(arguments, folder, self._environment | environment)

    def _start(self, arguments, folder, environment):
        words = [str(argument) for argument in arguments]
        request = {"arguments": words, "folder": str(folder), "environment": environment}
        outputs = TemporaryFile(), TemporaryFile()  # noqa: SIM115 - closed when it has ended
        told, teller = _pair()
        with teller:
            files = [file.fileno() for file in (*outputs, teller)]
            socket.send_fds(self._socket, [json.dumps(request).encode()], files)
        return Running(words, int(told.recv(100)), told, outputs)


class Running(NamedTuple):
    """A command under way."""

    arguments: list[str]
    pid: int
    told: socket.socket
    outputs: tuple[IO[bytes], IO[bytes]]

    def finish(self, timeout):
        """What came of it; one that has not ended within some seconds is killed, and told."""
        try:
            return self._ended(timeout)
        except TimeoutError:
            self.kill()
            raise

    def kill(self, after=0.0):
        """Kill it in some seconds if it has not ended by then; what came of it."""
        try:
            return self._ended(after)
        except TimeoutError:
            os.kill(self.pid, signal.SIGKILL)
            return self._ended(None)

    def _ended(self, timeout):
        ready, _, _ = select.select([self.told], [], [], timeout)
        if not ready:
            raise TimeoutError(self.arguments)
        with self.told:
            code = int(self.told.recv(100))
        return subprocess.CompletedProcess(self.arguments, code, *map(_text, self.outputs))


def _pair():
    """Two ends of a connection that keeps messages whole."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _text(file):
    with file:
        file.seek(0)
        return file.read().decode()


def _next_command(connection):
    """In the server, one command after another; returns in the fork that is to be one."""
    under_way = {}
    while True:
        ready, _, _ = select.select([connection, *under_way], [], [])
        for ended in set(ready) - {connection}:
            process, teller = under_way.pop(ended)
            os.close(ended)
            _, status = os.waitpid(process, 0)
            if os.WIFSIGNALED(status):
                _start_parsers_again_if_need_be()
            _tell(teller, os.waitstatus_to_exitcode(status))
            teller.close()
        if connection in ready:
            raw, files, *_ = socket.recv_fds(connection, _LONGEST_REQUEST, 3)
            if not raw:
                sys.exit()
            teller = socket.socket(fileno=files.pop())
            if not (process := os.fork()):
                connection.close()
                teller.close()
                return json.loads(raw), files
            for file in files:
                os.close(file)
            _tell(teller, process)
            under_way[os.pidfd_open(process)] = process, teller


def _tell(teller, number):
    with suppress(OSError):  # whoever asked may not want to know any more
        teller.send(str(number).encode())


def _import_all():
    """Import what commands may need; a thread of DuckDB's would not outlive a fork."""
    flows = importlib.import_module("flows")
    ours = [found.name for found in pkgutil.walk_packages(flows.__path__, "flows.")]
    for name in (*MODULES, *ours):
        if name != _LEFT_OUT:
            importlib.import_module(name)
    importlib.import_module("duckdb").default_connection().close()


def _know_the_model(folder):
    """Let no command train the model of the usual seed again; the same seed makes the same."""
    [path] = Path(folder).glob("*.skops")
    model = importlib.import_module("classifiers.persistence").load_model(path)
    training = importlib.import_module("classifiers.training")
    train = training.train_cold_start

    def ready(seed=0, *others):
        return train(seed, *others) if seed or others else model

    training.train_cold_start = ready


def _compile_templates():
    environment = importlib.import_module("dashboards.rendering")._environment()
    for name in environment.list_templates():
        environment.get_template(name)


def _start_parsers():
    """Start what all commands fork their parsers from; to a fork it is no child of its own."""
    importlib.import_module("flows.parsers")._new_pool(1).shutdown()
    server = importlib.import_module("multiprocessing.forkserver")._forkserver
    type(server).ensure_running(server)
    server.ensure_running = lambda: None


def _start_parsers_again_if_need_be():
    """Whoever is killed in the moment of asking for a parser takes their server along."""
    context = importlib.import_module("multiprocessing").get_context("forkserver")
    try:
        asked = context.Process(target=int)  # it is answered after all who asked before
        asked.start()
        asked.join()
    except (OSError, EOFError):
        importlib.import_module("multiprocessing.forkserver")._forkserver._stop()
        _start_parsers()


def _become(request, files):
    os.chdir(request["folder"])
    os.environ.clear()  # noqa: TID251 - the command gets the environment that the test gave
    os.environ.update(request["environment"])  # noqa: TID251 - the same
    time.tzset()
    _simulate_time(request["environment"])
    for number, file in enumerate(files, start=1):
        os.dup2(file, number)
        os.close(file)
    sys.argv = [str(BAROGRAPH), *request["arguments"]]
    code = 1
    try:
        runpy.run_path(str(BAROGRAPH), run_name="__main__")
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001 - told as an interpreter tells it
        traceback.print_exc()
    _end(code)


def _simulate_time(environment):
    """Let a command of a soak run see the time that it simulates."""
    if "SOAK_CLOCK" in environment:
        sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
        importlib.import_module("soak_clock").install()


def _end(code):
    """What the end of an interpreter does, but for taking every module to pieces."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    importlib.import_module("flows.kept_out").keep_out("pandas")
    importlib.import_module("small_warehouses").suit_small_warehouses()
    sys.path[0] = str(BAROGRAPH.parent)
    _import_all()
    _know_the_model(sys.argv[2])
    _compile_templates()
    _start_parsers()
    gc.freeze()  # or the fork's collector would look at, and thereby copy, all of it
    _become(*_next_command(socket.socket(fileno=int(sys.argv[1]))))
