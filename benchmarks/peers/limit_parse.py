"""Parses every feed in a folder with lxml and reads all fields of all entries.

Run as `python limit_parse.py FOLDER`; prints the number of entries, characters and seconds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from lxml import etree

ATOM_ENTRY = "{http://www.w3.org/2005/Atom}entry"


def read_entries(document: bytes) -> list[dict[str, str]]:
    """Text or attributes of each entry's elements by their qualified names."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(document, parser)
    return [_read_fields(entry) for entry in root.iter("item", ATOM_ENTRY)]


def _read_fields(entry: etree._Element) -> dict[str, str]:
    return {
        str(element.tag): element.text or element.get("href") or element.get("term") or ""
        for element in entry.iterdescendants()
    }


def main(folder: str) -> None:
    """Print what was read in `folder` as one JSON object."""
    started = time.perf_counter()
    entry_count = character_count = 0
    for path in sorted(Path(folder).iterdir()):
        entries = read_entries(path.read_bytes())
        entry_count += len(entries)
        character_count += sum(len(text) for entry in entries for text in entry.values())
    elapsed_seconds = time.perf_counter() - started
    told = {
        "entry_count": entry_count,
        "character_count": character_count,
        "elapsed_seconds": elapsed_seconds,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
