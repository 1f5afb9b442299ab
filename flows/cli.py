"""The command line: which commands there are.

Heavy libraries are imported by the commands that need them, so that `--help` is instant.
"""

from __future__ import annotations

import click

from flows.commands import (
    alerting,
    claims,
    comparing,
    discovering,
    evaluating,
    explaining,
    exporting,
    importing,
    initiatives,
    labels,
    looking,
    recording,
    rights,
    roadmap,
    scheduling,
    showing,
    signals,
    steps,
    training,
    working,
)
from flows.kept_out import keep_out

_EPILOG = """\b
Exit codes: 0 all well, 1 nothing could be done, 2 usage or input error,
            3 done, with some channels failed.
Start with `barograph demo`; then `barograph init` and `barograph run`."""


_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(epilog=_EPILOG, context_settings=_CONTEXT)
@click.version_option(package_name="barograph")
def main() -> None:
    """Record how organizations use social media in public, week after week.

    Barograph collects what organizations publish, measures it, estimates from outside which
    of six stages of social business each has reached, and sets that beside what each claims.
    The current folder is the project: organizations.toml says who is watched, data/ holds
    everything that was collected.
    """
    keep_out("pandas")


for _command in (
    working.init,
    discovering.discover,
    discovering.import_accounts,
    working.run,
    working.collect,
    scheduling.schedule,
    importing.import_,
    steps.build,
    steps.estimate,
    comparing.compare,
    steps.publish,
    showing.site,
    showing.snapshot,
    steps.replay,
    exporting.export,
    signals.signals,
    explaining.explain,
    claims.claims,
    claims.assess,
    roadmap.roadmap,
    initiatives.initiatives,
    labels.labels,
    training.train,
    evaluating.evaluate,
    training.models,
    recording.verify,
    rights.purge,
    rights.forget,
    rights.notice,
    rights.dossier,
    looking.status,
    alerting.alerts,
    looking.dashboard,
    looking.demo,
):
    main.add_command(_command)


if __name__ == "__main__":
    main()
