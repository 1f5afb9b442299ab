"""The web server that hands out the generated feeds: nginx, or Python's own without it."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 10.0
STOP_SECONDS = 10.0
LOG_LAG_SECONDS = 0.1  #: a line is written after the answer has left

_NGINX_CONFIGURATION = """\
{user}
daemon off;
worker_processes 1;
error_log stderr warn;
pid "{workspace}/nginx.pid";
events {{ worker_connections 1024; }}
http {{
  log_format status '$status $request_uri';
  access_log "{access_log}" status;
  client_body_temp_path "{workspace}/body";
  proxy_temp_path "{workspace}/proxy";
  fastcgi_temp_path "{workspace}/fastcgi";
  uwsgi_temp_path "{workspace}/uwsgi";
  scgi_temp_path "{workspace}/scgi";
  types {{ application/rss+xml rss; application/atom+xml atom; }}
  sendfile on;
  etag on;
  gzip off;
  keepalive_timeout 60s;
  keepalive_requests 1000000;
  server {{ listen 127.0.0.1:{port} backlog=1024; root "{folder}"; }}
}}
"""


class ServerNotStartedError(Exception):
    """The web server did not answer in time; the message holds what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticServer:
    """A running web server at the loopback address.

    `software` is its name and version, for the table.
    """

    software: str
    base_url: str
    access_log: Path

    def log_position(self) -> int:
        """Where the access log ends now; for `statuses_since`."""
        time.sleep(LOG_LAG_SECONDS)
        return self.access_log.stat().st_size if self.access_log.exists() else 0

    def statuses_since(self, position: int) -> Counter[int]:
        """How often each HTTP status was answered after `position` of the log."""
        end = self.log_position()
        with self.access_log.open("rb") as log:
            log.seek(position)
            lines = log.read(end - position).splitlines()
        return Counter(int(line.split()[0]) for line in lines)


@contextmanager
def serve(folder: Path, workspace: Path) -> Iterator[StaticServer]:
    """Serve `folder` at a free loopback port until the block ends.

    Raises:
        ServerNotStartedError: nothing listens after ten seconds.
    """
    port, access_log = free_port(), workspace / "access.log"
    nginx = find_nginx()
    command = (
        _nginx_command(nginx, folder, workspace, port)
        if nginx
        else [sys.executable, str(_PLAIN_SERVER), str(folder), str(port), str(access_log)]
    )
    with started(command, workspace / "server.txt", port):
        yield StaticServer(
            software=_software(nginx), base_url=f"http://127.0.0.1:{port}", access_log=access_log
        )


def find_nginx() -> str | None:
    """The path of nginx, also where the administrators' folders are not searched."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


_PLAIN_SERVER = Path(__file__).with_name("plain_server.py")


def _nginx_command(nginx: str, folder: Path, workspace: Path, port: int) -> list[str]:
    configuration = workspace / "nginx.conf"
    # The superuser's worker would change to nobody, who may not read a temporary folder.
    user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
    text = _NGINX_CONFIGURATION.format(
        user=user,
        workspace=workspace,
        access_log=workspace / "access.log",
        port=port,
        folder=folder,
    )
    configuration.write_text(text)
    return [nginx, "-p", str(workspace), "-e", "stderr", "-c", str(configuration)]


def _software(nginx: str | None) -> str:
    if nginx is None:
        return "Python http.server (nginx not found)"
    told = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True).stderr
    found = re.search(r"nginx/[\d.]+", told)
    return found.group() if found else "nginx"


@contextmanager
def started(
    command: list[str], output: Path, port: int, patience_seconds: float = START_SECONDS
) -> Iterator[None]:
    """A server that is listening, as a process of its own, until the block ends.

    Raises:
        ServerNotStartedError: it does not listen in time; the message is what it said.
    """
    with output.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        _wait_until_listening(process, output, port, patience_seconds)
        yield
    finally:
        _stop(process)


def _wait_until_listening(
    process: subprocess.Popen[bytes], output: Path, port: int, patience_seconds: float
) -> None:
    deadline = time.monotonic() + patience_seconds
    while not _is_listening(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServerNotStartedError(output.read_text("utf-8", "replace"))
        time.sleep(0.02)


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
