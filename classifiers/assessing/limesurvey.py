"""Responses exported from LimeSurvey, as CSV, XLSX or JSON.

Headings may be question codes, question texts, or both. Answers may be codes (A0 to A3, CS for
"cannot say") or their texts. A response without a date of submission was not finished.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from classifiers.assessing.answer_cells import read_iso_day
from classifiers.assessing.answer_columns import header_parts, plain
from classifiers.assessing.answer_layout import AnswerLayout
from classifiers.assessing.answers import CANNOT_SAY

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Answer code of "cannot say"; codes of LimeSurvey have at most five letters and digits.
CANNOT_SAY_CODE = "CS"
_NAMES = {
    "submitdate": "answered_on",
    "datesubmitted": "answered_on",
    "id": "respondent",
    "responseid": "respondent",
}
_CODE = re.compile(r"A(\d)")
_NOT_SHOWN = "N/A"
_NO_WORDS = {"note", "organization"}
#: What is written for the day where a survey is anonymous and keeps no dates.
_NO_DAY = "1980-01-01"


def _recognizes(headers: Sequence[str]) -> bool:
    parts = {plain(part) for header in headers for part in header_parts(header)}
    return bool(parts & {"submitdate", "datesubmitted"})


def _clean(field: str, cell: str) -> str:
    if cell == _NOT_SHOWN:
        return ""
    if field in _NO_WORDS or field.endswith("_evidence"):
        return cell
    if cell == CANNOT_SAY_CODE:
        return CANNOT_SAY
    code = _CODE.fullmatch(cell)
    return code[1] if code else cell


def _is_day(cell: str) -> bool:
    return not cell.startswith(_NO_DAY)


LIMESURVEY = AnswerLayout(
    code="limesurvey",
    recognizes=_recognizes,
    names=_NAMES,
    clean=_clean,
    days=lambda _: lambda cell: read_iso_day(cell) if _is_day(cell) else None,
    has_drafts=True,
)
