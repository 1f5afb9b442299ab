"""A look for alerts that dies at a given step; run as a process of its own.

Arguments: the project's folder, the step, and settings as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from alert_world import NOON

from flows.alerting import delivery, remembering, watch
from flows.project import Project
from flows.settings import load_settings
from warehouse.db import open_warehouse

#: Step: the module and the function at which it dies, and whether before or after it.
STEPS = {
    "before opening": (remembering, "record_changes", "before"),
    "after opening": (remembering, "record_changes", "after"),
    "before the log": (delivery, "append_to_log", "before"),
    "after the log": (delivery, "append_to_log", "after"),
    "before the mail": (delivery, "send_mail", "before"),
    "before marking": (delivery, "mark_sent", "before"),
    "after marking": (delivery, "mark_sent", "after"),
    "before the webhook": (delivery, "send_to_hook", "before"),
}


def die() -> None:
    """End as a machine does that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying(function, when):
    """The same function, at which the process dies."""

    def call(*given, **named):
        if when == "before":
            die()
        function(*given, **named)
        die()

    return call


def main() -> None:
    """Look, and die on the way."""
    folder, step, given = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    if step in STEPS:
        module, name, when = STEPS[step]
        setattr(module, name, dying(getattr(module, name), when))
    settings = load_settings(folder, given)
    project = Project(settings.data_folder)
    with open_warehouse(project.warehouse) as connection:
        watch.watch(project, settings, connection, NOON, "", is_patient=False)


if __name__ == "__main__":
    main()
