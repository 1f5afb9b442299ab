"""Real web servers on loopback, over one folder of documents, and the log of their answers.

nginx compresses with gzip, Caddy with zstd, Apache with gzip on one port and with brotli on
another. Everything they write lies in the folder that they are given.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import HTTPError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The Debian package of each server.
PACKAGES = {
    "nginx": "nginx",
    "caddy": "caddy",
    "apache": "apache2-bin",
    "apache-brotli": "apache2-bin",
}
_PROGRAMS = {"nginx": "nginx", "caddy": "caddy", "apache2-bin": "apache2"}
#: Administrators' folders are not on everybody's path.
_SEARCHED = f"{os.defpath}:/usr/local/bin:/usr/local/sbin:/usr/sbin"
_APACHE_MODULES = Path("/usr/lib/apache2/modules")
_LONGEST_WAIT_SECONDS = 10.0
_MARK = "/mark-"


class Answered(NamedTuple):
    """One line of an access log; `encoding` is "" for a body as it is."""

    path: str
    status: int
    encoding: str
    is_conditional: bool


@dataclass(slots=True)
class RealServer:
    """A running web server."""

    base_url: str
    _log: Path
    _read_line: Callable[[str], Answered]
    _mark_count: int = 0

    def answers(self) -> list[Answered]:
        """Every answer so far, in order.

        A request of our own marks the end: when it is in the log, so are those before it.
        """
        self._mark_count += 1
        mark = f"{_MARK}{self._mark_count}"
        _status(self.base_url + mark)
        _wait_until(lambda: mark in self._log.read_text(), self._log.read_text)
        answers = map(self._read_line, self._log.read_text().splitlines())
        return [answer for answer in answers if not answer.path.startswith(_MARK)]


def find_program(package: str) -> str | None:
    """The path of a package's server, None when it is not installed."""
    program = _PROGRAMS[package]
    return shutil.which(program) or shutil.which(program, path=_SEARCHED)


@contextmanager
def serving_everywhere(documents: Path, workspace: Path) -> Iterator[dict[str, RealServer]]:
    """Serve a folder with each server that is installed, until the block ends; by name."""
    starters = {"nginx": _nginx, "caddy": _caddy, "apache2-bin": _apache}
    servers: dict[str, RealServer] = {}
    with ExitStack() as running:
        for package, start in starters.items():
            if program := find_program(package):
                own = workspace / package
                own.mkdir(parents=True)
                servers |= running.enter_context(start(program, documents, own))
        yield servers


_NGINX = """\
{user}
daemon off;
worker_processes 1;
error_log stderr warn;
pid "{own}/nginx.pid";
events {{ worker_connections 256; }}
http {{
  log_format ours "$uri $status $sent_http_content_encoding, $http_if_none_match";
  access_log "{own}/access.log" ours;
  client_body_temp_path "{own}/body";
  proxy_temp_path "{own}/proxy";
  fastcgi_temp_path "{own}/fastcgi";
  uwsgi_temp_path "{own}/uwsgi";
  scgi_temp_path "{own}/scgi";
  types {{ application/rss+xml rss; application/atom+xml atom; application/feed+json json; }}
  gzip on;
  gzip_types application/rss+xml application/atom+xml application/feed+json;
  limit_req_zone $binary_remote_addr zone=slow:1m rate=1r/m;
  limit_req_status 429;
  server {{
    listen 127.0.0.1:{port};
    root "{documents}";
    add_header Cache-Control no-cache;
    location = /moved.rss {{ return 301 /minutes.rss; }}
    location = /elsewhere.rss {{ return 302 /minutes.rss; }}
    location = /gone.rss {{ return 410; }}
    location = /down.rss {{ add_header Retry-After 3600 always; return 503; }}
    location /limited/ {{ limit_req zone=slow; alias "{documents}/"; }}
  }}
}}
"""


@contextmanager
def _nginx(program: str, documents: Path, own: Path) -> Iterator[dict[str, RealServer]]:
    port = _free_port()
    # The superuser's worker would change to nobody, who may not read a temporary folder.
    user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
    text = _NGINX.format(user=user, own=own, port=port, documents=documents)
    (own / "nginx.conf").write_text(text)
    with _running([program, "-p", str(own), "-c", str(own / "nginx.conf")], own, port):
        yield {"nginx": RealServer(_url(port), own / "access.log", _plain_line)}


_CADDY = """\
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  bind 127.0.0.1
  root * "{documents}"
  encode zstd gzip
  file_server
  log {{
    output file "{own}/access.log"
    format json
  }}
}}
"""


@contextmanager
def _caddy(program: str, documents: Path, own: Path) -> Iterator[dict[str, RealServer]]:
    port = _free_port()
    file = own / "Caddyfile"
    file.write_text(_CADDY.format(own=own, port=port, documents=documents))
    homes = [f"{name}={own}" for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")]
    command = [program, "run", "--config", str(file), "--adapter", "caddyfile"]
    with _running(["env", *homes, *command], own, port):
        yield {"caddy": RealServer(_url(port), own / "access.log", _caddy_line)}


#: Each module's setting for the entity tag is left as Apache has it, but for brotli's.
_APACHE = """\
ServerRoot "{own}"
ServerName 127.0.0.1
PidFile "{own}/apache.pid"
ErrorLog "{own}/error.log"
DefaultRuntimeDir "{own}"
LoadModule mpm_event_module "{modules}/mod_mpm_event.so"
LoadModule authz_core_module "{modules}/mod_authz_core.so"
LoadModule mime_module "{modules}/mod_mime.so"
LoadModule filter_module "{modules}/mod_filter.so"
LoadModule deflate_module "{modules}/mod_deflate.so"
LoadModule brotli_module "{modules}/mod_brotli.so"
TypesConfig /dev/null
AddType application/rss+xml .rss
AddType application/atom+xml .atom
AddType application/feed+json .json
LogFormat "%U %>s %{{Content-Encoding}}o, %{{If-None-Match}}i" ours
DocumentRoot "{documents}"
Listen 127.0.0.1:{deflate_port}
Listen 127.0.0.1:{brotli_port}
<VirtualHost 127.0.0.1:{deflate_port}>
  CustomLog "{own}/deflate.log" ours
  SetOutputFilter DEFLATE
</VirtualHost>
<VirtualHost 127.0.0.1:{brotli_port}>
  CustomLog "{own}/brotli.log" ours
  SetOutputFilter BROTLI_COMPRESS
  BrotliAlterETag NoChange
</VirtualHost>
"""


@contextmanager
def _apache(program: str, documents: Path, own: Path) -> Iterator[dict[str, RealServer]]:
    ports = {"deflate": _free_port(), "brotli": _free_port()}
    text = _APACHE.format(
        own=own,
        modules=_APACHE_MODULES,
        documents=documents,
        deflate_port=ports["deflate"],
        brotli_port=ports["brotli"],
    )
    (own / "apache.conf").write_text(text)
    command = [program, "-f", str(own / "apache.conf"), "-D", "FOREGROUND"]
    with _running([*_as_somebody(own), *command], own, *ports.values()):
        yield {
            "apache": RealServer(_url(ports["deflate"]), own / "deflate.log", _plain_line),
            "apache-brotli": RealServer(_url(ports["brotli"]), own / "brotli.log", _plain_line),
        }


def _as_somebody(own: Path) -> list[str]:
    """Apache refuses to serve as the superuser: an ordinary account, that may read our folder."""
    if os.geteuid() != 0:
        return []
    account = pwd.getpwnam("www-data")
    os.chown(own, account.pw_uid, account.pw_gid)
    identity = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return ["setpriv", *identity, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def _plain_line(line: str) -> Answered:
    """Path, status, encoding and If-None-Match; a dash stands for what is not there."""
    answer, tag = line.split(", ", 1)
    path, status, encoding = answer.split(" ")
    return Answered(path, int(status), encoding.strip("-"), tag != "-")


def _caddy_line(line: str) -> Answered:
    entry = json.loads(line)
    encodings = entry["resp_headers"].get("Content-Encoding", [""])
    asked = entry["request"]
    is_conditional = "If-None-Match" in asked["headers"]
    return Answered(asked["uri"], entry["status"], encodings[0], is_conditional)


@contextmanager
def _running(command: list[str], own: Path, *ports: int) -> Iterator[None]:
    """A server in the foreground that answers at all its ports; stopped whatever happens."""
    said = own / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=own
        )
        try:
            for port in ports:
                _wait_until(partial(_is_over_or_up, process, _url(port) + _MARK), said.read_text)
            assert process.poll() is None, said.read_text()
            yield
        finally:
            _stop(process)


def _is_over_or_up(process: subprocess.Popen[bytes], url: str) -> bool:
    return process.poll() is not None or _status(url) > 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_LONGEST_WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _status(url: str) -> int:
    """The status of an answer, 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


def _wait_until(is_so: Callable[[], object], explain: Callable[[], str]) -> None:
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"
