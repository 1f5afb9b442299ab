"""Folders of exports: their bytes, and how to change one so that its checksums still hold."""

import json

from warehouse.checksums import sha256
from warehouse.export import seal

#: Files that tell of the state and of everything, beside the tables.
ABOUT = ("manifest.json", "checksums.txt", "CITATION.cff")


def contents(folder):
    """Every file below a folder by its name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def tables(folder):
    """Every file of a table by its name."""
    found = contents(folder)
    return {name: found[name] for name in found if "/" not in name and name not in ABOUT}


def retold(folder, **changes):
    """Change what the manifest says, and seal the folder anew."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8")) | changes
    for name, told in [*manifest["files"].items(), *manifest["state"].items()]:
        told["sha256"] = sha256(folder / name)
    path.write_text(json.dumps(manifest))
    seal(folder)
    return folder
