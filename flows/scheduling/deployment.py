"""A deployment for a Prefect server with work pools, as the file that `prefect deploy` reads."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.scheduling.serving import Service

FILE_NAME = "prefect.yaml"
WORK_POOL = "barograph"
_TEXT = """\
# A deployment of this project at a Prefect server with work pools (docs/operations.md):
#   prefect work-pool create {pool} --type process
#   prefect --no-prompt deploy --all
#   prefect worker start --pool {pool}       on each machine that sees the folder below
name: barograph
prefect-version: {version}
deployments:
  - name: {name}
    description: Collect, build, estimate, compare and publish.
    entrypoint: flows.monitor.monitor
    parameters: {parameters}
    schedules:
      - cron: {cron}
        timezone: {timezone}
    pull:
      - prefect.deployments.steps.set_working_directory:
          directory: {folder}
    work_pool:
      name: {pool}
"""


def deployment_text(service: Service) -> str:
    """What `prefect.yaml` says of a service; every value is written as JSON, which is YAML."""
    return _TEXT.format(
        pool=WORK_POOL,
        version=version("prefect"),
        name=json.dumps(service.name),
        parameters=json.dumps(service.parameters, sort_keys=True),
        cron=json.dumps(service.timetable.cron),
        timezone=json.dumps(service.timetable.timezone),
        folder=json.dumps(str(service.folder)),
    )
