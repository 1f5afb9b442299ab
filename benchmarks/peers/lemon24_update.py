"""Updates feeds with lemon24/reader; runs under the Python that has the library.

Run as `python lemon24_update.py DATABASE URLS WORKERS`; prints seconds and entries held.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from pathlib import Path

from reader import make_reader  # type: ignore[import-not-found]  # not in our environment


def main(database: str, url_list: str, worker_count: str) -> None:
    """Add the feeds, update them and print what is held as one JSON object."""
    with closing(make_reader(database)) as reader:
        for url in Path(url_list).read_text().split():
            reader.add_feed(url, exist_ok=True)
        started = time.perf_counter()
        # By default a feed that was updated within the hour would be left out.
        reader.update_feeds(scheduled=False, workers=int(worker_count))
        elapsed_seconds = time.perf_counter() - started
        entry_count = reader.get_entry_counts().total
    print(json.dumps({"elapsed_seconds": elapsed_seconds, "entry_count": entry_count}))


if __name__ == "__main__":
    main(*sys.argv[1:])
