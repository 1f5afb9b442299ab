"""Model files with other content than what `save_model` writes."""

import io
import json
from datetime import date
from zipfile import ZipFile

import skops.io

from classifiers.persistence import TRUSTED_TYPES

HEADER, TREE = "barograph.json", "schema.json"
TRAINED_ON = date(2026, 11, 21)


def content_of(path):
    return skops.io.load(path, trusted=list(TRUSTED_TYPES))


def members_of(file):
    with ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path, members):
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def rewrite(path, change=lambda header: header, content=None):
    """Give a model file another header, and another content unless that is None."""
    members = members_of(path)
    header = json.loads(members[HEADER])
    if content is not None:
        members = members_of(io.BytesIO(skops.io.dumps(content)))
    write_members(path, members | {HEADER: json.dumps(change(header)).encode()})
