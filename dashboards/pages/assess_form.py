"""Self-assessment, second step: the questionnaire.

Nothing of what is observed about the organization is shown here: who sees it first would answer
towards it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from classifiers.assessing.answers import LONGEST_NOTE, LONGEST_ROLE
from dashboards.assessing.form import TYPED
from dashboards.assessing.intake import KEPT_DAYS
from dashboards.assessing.questions import Asked, Group, Problem, groups, placements, problems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dashboards.assessing.form import FieldError, Form

LONGEST_CODE = 20
_BESIDE = (*TYPED, "public")
ROLES = (
    "board",
    "communications",
    "customer service",
    "human resources",
    "IT",
    "marketing",
    "product",
    "sales",
)  # offered, in alphabetical order; any other function will do


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """What the page of a form needs.

    Attributes:
        name: of the organization.
        typed: what was filled in beside the questions, "" where nothing was.
        errors: by field; "" where there is none.
        seal: see `dashboards.assessing.seals`.
        kept_until: where the form is a draft.
        warning: what a reader must know before anything else.
    """

    form: Form
    name: str
    seal: str
    groups: tuple[Group, ...]
    placements: tuple[Asked, ...]
    problems: list[Problem]
    typed: dict[str, str]
    errors: dict[str, str]
    today: date
    kept_until: date | None
    warning: str
    roles: tuple[str, ...] = ROLES
    longest_role: int = LONGEST_ROLE
    longest_note: int = LONGEST_NOTE
    longest_code: int = LONGEST_CODE

    @property
    def latest_day(self) -> date:
        """The last day that answers may be of: somewhere it is tomorrow already."""
        return self.today + timedelta(days=1)


def questionnaire(
    form: Form,
    name: str,
    seal: str,
    *,
    errors: Sequence[FieldError] = (),
    saved_at: datetime | None = None,
    warning: str = "",
) -> Questionnaire:
    """The page of a form.

    Args:
        form: as it was filled in so far.
        name: of the organization.
        seal: that lets it be sent.
        errors: of a form that could not be taken.
        saved_at: when a draft was kept last.
        warning: to be shown first.
    """
    shown, placed = groups(form, errors), placements(form, errors)
    return Questionnaire(
        form=form,
        name=name,
        seal=seal,
        groups=shown,
        placements=placed,
        problems=problems(shown, placed, errors),
        typed={name: form.fields.get(name, "") for name in _BESIDE},
        errors=dict.fromkeys(_BESIDE, "") | dict(errors),
        today=datetime.now(UTC).date(),
        kept_until=saved_at.date() + timedelta(days=KEPT_DAYS) if saved_at else None,
        warning=warning,
    )
