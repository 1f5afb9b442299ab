"""The files that `barograph init` writes: a project to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.errors import InputError
from flows.organizations.reading import DEFAULT_NAMES
from warehouse.durable import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from flows.panel import Panel

_FILES = {
    "barograph.toml": """\
# Settings of this project; each can also be set as BAROGRAPH_<NAME>.

# Shown to every server we ask, so that its operator can reach you. Needed for public hosts.
# contact = "you@example.org"

# Who answers for this project under data protection law, for the public notice.
# controller = "Example Institute, Street 1, City"

# data = "data"                    # where everything that is collected goes
# claims = "claims.csv"            # what the organizations claim of themselves
# schedule = "hourly"              # when `barograph schedule` runs: words, or a cron expression
# timezone = "Europe/Amsterdam"    # of those times; UTC when not set
# allow_host = ["intranet.example"]  # private hosts that may be asked
# host_spacing_seconds = 1.0       # pause between two requests to one host; here for public ones
# host_parallel = 2                # requests at a time to one host; here for public ones
# opt_out = ["example.net"]        # never asked; opt-out.txt can hold more, one a line
# robots_exempt = ["example.org"]  # hosts whose owner permits what their robots.txt does not
# deadline_seconds = 30            # the longest that one request may take
# body_megabytes = 15              # the largest answer that is read
# archive_days = 7                 # how long answers are kept where people speak
# publisher = "Example Institute"  # whom to cite for what is exported
# licence = "CC-BY-4.0"            # of what is exported
# alert_email = ["you@example.org"]  # who is told what matters: docs/alerts.md
# alert_smtp, alert_webhook: how; better set as BAROGRAPH_ALERT_SMTP than written here
# github_tokens: optional; better set as BAROGRAPH_GITHUB_TOKENS than written here
# dashboard_access: who may read `barograph dashboard --host …`; docs/dashboard.md tells how
""",
    "organizations.toml": """\
# Who is watched. One [[organization]] each; docs/organizations.md explains every field.

[[organization]]
id = "example-council"               # stable, kebab-case
name = "Example Council"
industry = "public-administration"
size = "250-999"                     # employees: 1-9, 10-49, 50-249, 250-999, 1000+
country = "NL"                       # ISO 3166
homepage = "https://example.org"
channels = [
  { source = "feeds", address = "https://example.org/news.xml", function = "press" },
]
""",
    "claims.csv": """\
organization,stage,claimed_on,instrument,respondent_role
""",
}


def write_scaffold(folder: Path, panel: Panel | None = None) -> list[tuple[Path, bool]]:
    """Write the files that are not there yet; returns each with whether it is new.

    Raises:
        InputError: a panel is asked for where there is a list of organizations already. Nothing
            is written then.
    """
    files = _FILES
    if panel is not None:
        _check_no_list(folder)
        files = _FILES | {"organizations.toml": panel.as_list()}
    written = []
    for name, text in files.items():
        path = folder / name
        is_new = not path.exists()
        if is_new:
            write_text(path, text)
        written.append((path, is_new))
    return written


def _check_no_list(folder: Path) -> None:
    """A list in another format counts: `organizations.toml` would be read in its place."""
    for name in DEFAULT_NAMES:
        if (folder / name).exists():
            problem = (
                f"{name}: there is a list already, and a panel replaces none; "
                "move it away, or start in another folder"
            )
            raise InputError(problem)
