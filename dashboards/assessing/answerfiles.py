"""Answers as files that `barograph claims import` takes: JSON and CSV in its own layout."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from dashboards.assessing.form import columns
from dashboards.twins import csv_cell

if TYPE_CHECKING:
    from dashboards.assessing.form import Form


def answers_json(form: Form) -> str:
    """A list of one object; what was not answered has no name in it."""
    return json.dumps([form.record()], ensure_ascii=False, indent=1) + "\n"


def answers_csv(form: Form) -> str:
    """The sheet that `barograph claims template` writes, filled in; formula cells are guarded."""
    names, record = columns(form.instrument), form.record()
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(names)
    writer.writerow([csv_cell(record.get(name, "")) for name in names])
    return target.getvalue()
