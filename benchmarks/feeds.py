"""How fast feeds are collected, beside other collectors and beside what is possible.

Run as `python benchmarks/feeds.py`; docs/performance.md says what is measured and how.
Exit codes: 0 all measured, 1 somebody lost entries or failed, 2 a usage error.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from accounting import CommandFailedError
from contest import Contest
from feed_generator import write_corpus
from peers import lemon24
from report import describe
from roster import NAMES, Absence, Entrant, call_roll
from static_server import serve

if TYPE_CHECKING:
    from report import Report

PEER_ENVIRONMENT = Path.home() / ".cache" / "barograph" / "peers"


def main() -> int:
    """Run the contest that the command line describes; the exit code."""
    options = _read_options()
    try:
        report = _run(options)
    except CommandFailedError as error:
        print(error, file=sys.stderr)
        return 1
    print(report.to_markdown())
    if options.json:
        options.json.write_text(json.dumps(report.to_record(), indent=1) + "\n")
    return 0 if report.is_complete else 1


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    option = parser.add_argument
    option("--feeds", type=_positive, default=2000, help="feeds to generate (%(default)s)")
    option("--peer-feeds", type=_positive, default=200, help="how many a peer gets (%(default)s)")
    option("--full", action="store_true", help="peers get all feeds: takes many minutes")
    option("--rounds", type=_positive, default=2, help="repetitions of all (%(default)s)")
    option("--seed", type=int, default=1, help="other feeds of the same kind (%(default)s)")
    option("--contestants", type=_names, default=NAMES, metavar="NAME,NAME", help="who takes part")
    option("--reader-python", metavar="PATH", help="Python that has lemon24/reader")
    option("--install-peers", action="store_true", help=f"install reader in {PEER_ENVIRONMENT}")
    option("--json", type=Path, metavar="FILE", help="where to write all figures")
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        message = f"{number} is less than 1"
        raise argparse.ArgumentTypeError(message)
    return number


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(NAMES):
        message = f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}"
        raise argparse.ArgumentTypeError(message)
    return names


def _run(options: argparse.Namespace) -> Report:
    roll = call_roll(options.contestants, _find_reader(options))
    entrants = [one for one in roll if isinstance(one, Entrant)]
    absences = [one for one in roll if isinstance(one, Absence)]
    with TemporaryDirectory(prefix="barograph-feeds-") as name:
        workspace = Path(name)
        documents = workspace / "documents"
        documents.mkdir()
        corpus = write_corpus(documents, options.feeds, options.seed)
        with serve(documents, workspace) as server:
            contest = Contest(
                corpus=corpus,
                peer_feed_count=options.feeds if options.full else options.peer_feeds,
                server=server,
                workspace=workspace,
            )
            rows = contest.repeat([one.set_up for one in entrants], options.rounds)
            return describe(contest, [one.version for one in entrants], absences, rows)


def _find_reader(options: argparse.Namespace) -> str | None:
    found: str | None = options.reader_python or lemon24.find_python(PEER_ENVIRONMENT)
    if found is None and options.install_peers:
        return lemon24.install(PEER_ENVIRONMENT)
    return found


if __name__ == "__main__":
    sys.exit(main())
