"""Settings of a project: `barograph.toml`, overridden by BAROGRAPH_* and the command line."""

from __future__ import annotations

import math
import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.fetching.pacing import default_folder
from connectors.fetching.tokens import Token
from flows.errors import InputError
from flows.project import Project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.lake import Lake

FILE_NAME = "barograph.toml"
_PREFIX = "BAROGRAPH_"
_KINDS = {"str": "text", "int": "a whole number", "float": "a number"}
#: Settings whose values are shown to nobody.
_SECRET = frozenset(
    {"github_tokens", "warehouse", "dashboard_access", "alert_smtp", "alert_webhook"}
)
_LEAST = {
    "host_spacing_seconds": 0,
    "host_parallel": 1,
    "deadline_seconds": 1,
    "body_megabytes": 0.1,
    "archive_days": 0,
    "event_days": 200,
    "batch_channels": 1,
    "alert_stale_hours": 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a project can set; each field is also an environment variable BAROGRAPH_<NAME>.

    Attributes:
        contact: an e-mail address or URL of yours, shown to servers in the User-Agent.
        controller: who answers for the project under data protection law, as the public notice
            says.
        notice_url: where the public notice is on the web, for reports and the User-Agent.
        organizations: the list of organizations; "" looks for organizations.toml, .csv, .opml.
        claims: a CSV file of claimed stages; "" looks for claims.csv.
        data: folder of the archive, the warehouse and the snapshots.
        warehouse: a lake, `ducklake:postgresql://…?files=s3://…`, for more than one machine
            (docs/operations.md); "" is a file in the data folder. Shown in no message.
        workers: who asks and measures, where one process is not enough: a number of processes of
            this machine, or the address of a Dask scheduler; docs/operations.md tells more.
        schedule: when `barograph schedule` runs: a cron expression, or words such as
            `daily at 07:30`.
        timezone: IANA name of the zone of those times.
        allow_host: private hosts that may be contacted: names, addresses or networks.
        host_spacing_seconds: pause between two starts at one host; when not set, 1 second at
            public hosts and none at those of `allow_host`.
        host_parallel: requests at a time to one host; when not set, 2 at public hosts and 64
            at those of `allow_host`.
        pacing: folder in which processes agree on turns at hosts; "" is one of this user and
            machine, so that all projects are polite together.
        opt_out: domains or addresses that are never asked; opt-out.txt has more of them.
        robots_exempt: hosts whose owner permits what their robots.txt does not.
        deadline_seconds: the longest that one request may take, redirects included.
        body_megabytes: the largest answer that is read, as it travels and decoded.
        github_tokens: access tokens of api.github.com, optional; shown in no message.
        archive_days: how long responses are kept where people speak; what they gave is kept.
        event_days: how long single acts are kept; sums by week are kept on. At least 200, for
            signals look back half a year.
        dashboard_access: who may read a dashboard that others can reach: `password:…` or
            `header:NAME`; shown in no message.
        batch_channels: channels in one batch, the unit of collecting and of a Prefect task.
        alert_email: addresses that alerts are sent to.
        alert_smtp: the server that takes them, `smtp://…` or `smtps://user:password@host:port`;
            shown in no message.
        alert_from: who writes; "" is the contact, where that is an e-mail address.
        alert_webhook: an address that takes alerts as Slack does; shown in no message.
        alert_stale_hours: how old a snapshot may be; when not set, three times as old as is usual
            between runs, and 26 hours at least.
        alert_except: codes of conditions that are not told.
        publisher: whom to cite for what is exported: an organization or a person.
        licence: of what is exported, such as CC-BY-4.0; "" is shown as "not stated".
    """

    contact: str = ""
    controller: str = ""
    notice_url: str = ""
    organizations: str = ""
    claims: str = ""
    data: str = "data"
    warehouse: str = field(default="", repr=False)
    workers: str = ""
    schedule: str = "hourly"
    timezone: str = "UTC"
    allow_host: tuple[str, ...] = ()
    host_spacing_seconds: float | None = None
    host_parallel: int | None = None
    pacing: str = ""
    opt_out: tuple[str, ...] = ()
    robots_exempt: tuple[str, ...] = ()
    deadline_seconds: float = 30.0
    body_megabytes: float = 15.0
    github_tokens: tuple[str, ...] = field(default=(), repr=False)
    archive_days: int = 7
    event_days: int = 400
    dashboard_access: str = field(default="", repr=False)
    batch_channels: int = 80
    alert_email: tuple[str, ...] = ()
    alert_smtp: str = field(default="", repr=False)
    alert_from: str = ""
    alert_webhook: str = field(default="", repr=False)
    alert_stale_hours: float | None = None
    alert_except: tuple[str, ...] = ()
    publisher: str = ""
    licence: str = ""
    folder: Path = field(default_factory=Path.cwd)

    @property
    def data_folder(self) -> Path:
        """The data folder, from the project folder when it is relative."""
        return self.folder / self.data

    @property
    def project(self) -> Project:
        """The data folder and the warehouse.

        Raises:
            InputError: the setting `warehouse` names none.
        """
        lake = self._lake() if self.warehouse else None
        return Project(self.data_folder, lake, self.workers)

    def _lake(self) -> Lake:
        from warehouse.lake import LakeAddressError, read_lake  # brings the database

        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        key_id, secret = (os.environ.get(name, "") for name in names)
        try:
            return read_lake(self.warehouse, key_id, secret)
        except LakeAddressError as error:
            problem = f"the setting warehouse: {error}"
            raise InputError(problem) from None

    @property
    def inbox_folder(self) -> Path:
        """Where files of answers wait to be imported."""
        return self.folder / "inbox"

    @property
    def pacing_folder(self) -> Path:
        """Where processes agree on turns at hosts; made when it is not there.

        Raises:
            InputError: the folder cannot be used.
        """
        if self.pacing:
            return self.folder / self.pacing
        try:
            return default_folder(os.environ.get("XDG_RUNTIME_DIR", ""))
        except OSError as error:
            problem = f"{error}; or name another folder with the setting pacing"
            raise InputError(problem) from error


def load_settings(folder: Path, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Settings of the project in `folder`: file, then environment, then `overrides`.

    An override of None or an empty tuple counts as not given.

    Raises:
        InputError: the file is not TOML, or names or values are not settings.
    """
    given = {**_from_file(folder / FILE_NAME), **_from_environment()}
    given |= {name: value for name, value in (overrides or {}).items() if value not in (None, ())}
    return replace(Settings(folder=folder), **given)


def prefect_is_configured() -> bool:
    """Whether the environment names a Prefect server to report to."""
    return bool(os.environ.get("PREFECT_API_URL"))


def prepare_prefect(folder: Path) -> None:
    """Keep Prefect quiet, offline and inside the project, unless the user said otherwise."""
    os.environ.setdefault("PREFECT_HOME", str(folder / "prefect"))
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


def prefect_api_url() -> str:
    """The Prefect server that the environment names; "" when it names none."""
    return os.environ.get("PREFECT_API_URL", "")


def prefect_home() -> Path:
    """Where Prefect keeps its things, after `prepare_prefect`."""
    return Path(os.environ["PREFECT_HOME"])


def report_to_prefect(api_url: str) -> None:
    """Let this process, and those that it starts, report to a Prefect server."""
    os.environ["PREFECT_API_URL"] = api_url


def environment_with(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that this one starts."""
    return os.environ | dict(more)


def _types() -> dict[str, str]:
    return {f.name: _kind(str(f.type)) for f in fields(Settings) if f.name != "folder"}


def _kind(annotation: str) -> str:
    """The type of a setting's value; None stands for "not set" and cannot be given."""
    return annotation.removesuffix(" | None")


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"{path}: not valid TOML: {error}"
        raise InputError(problem) from error
    return {name: _checked(str(path), name, value) for name, value in table.items()}


def _from_environment() -> dict[str, Any]:
    names = {f"{_PREFIX}{name.upper()}": name for name in _types()}
    return {
        name: _checked(variable, name, os.environ[variable])
        for variable, name in names.items()
        if os.environ.get(variable)
    }


def _checked(origin: str, name: str, value: object) -> object:
    kind = _types().get(name)
    if kind is None:
        problem = f"{origin}: unknown setting {name!r}; known: {', '.join(_types())}"
        raise InputError(problem)
    try:
        return _in_range(name, _converted(kind, value))
    except (TypeError, ValueError) as error:
        shown = "…" if name in _SECRET else repr(value)
        problem = f"{origin}: {name} = {shown} is not {_wanted(name, kind)}"
        raise InputError(problem) from (None if name in _SECRET else error)


def _wanted(name: str, kind: str) -> str:
    least = f" of at least {_LEAST[name]}" if name in _LEAST else ""
    return _KINDS.get(kind, "a list of texts") + least


def _converted(kind: str, value: object) -> object:
    """The value of a setting; a number may also come as text, as it does from the environment.

    Raises:
        TypeError, ValueError: it cannot be meant.
    """
    if kind == "str":
        return _text(value)
    if kind.startswith("tuple"):
        parts = value if isinstance(value, list) else _text(value).replace(",", " ").split()
        return tuple(_text(part) for part in parts)
    if isinstance(value, str) or (kind == "float" and type(value) is int):
        value = {"int": int, "float": float}[kind](value)
    if type(value).__name__ != kind:  # a truth value is no number, though Python thinks so
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _in_range(name: str, value: object) -> object:
    if name in _SECRET and isinstance(value, tuple):
        list(map(Token, value))  # who was given what cannot be sent says so at once
    least = _LEAST.get(name)
    if least is not None and not (isinstance(value, int | float) and least <= value < math.inf):
        raise ValueError
    return value
