"""Addresses of the questionnaire.

/assess                       which organization, which questionnaire
/assess/altimeter             an empty form; sent or saved to the same address
/assess/drafts/<token>        a form that was saved
/assess/results/<token>       what was sent, with its figures and answers as files
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route

from dashboards.assessing import answering, results
from dashboards.assessing.refusals import RefusedError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from dashboards.assessing.intake import Intake


def assess_routes(intake: Intake | None) -> list[Route]:
    """Routes that go before those of the pages.

    Args:
        intake: where answers are kept; None switches the questionnaire off.
    """
    if intake is None:
        return [Route("/assess", _switched_off), Route("/assess/{rest:path}", _switched_off)]
    form, result = "/assess/{instrument}", "/assess/results/{token}"
    return [
        Route("/assess/new", answering.choose),
        Route("/assess/drafts/{token}", partial(answering.draft, intake)),
        Route(f"{result}/answers.{{form}}", partial(results.answers, intake)),
        Route(f"{result}/{{figure}}.{{form}}", partial(results.data, intake)),
        Route(f"{result}.{{form}}", partial(results.data, intake)),
        Route(result, partial(results.page, intake)),
        Route(form, partial(answering.empty, intake), methods=["GET"]),
        Route(form, partial(answering.post, intake), methods=["POST"]),
        Route(f"{form}/progress", answering.progress, methods=["POST"]),
    ]


def _switched_off(_request: Request) -> Response:
    text = "Self-assessment is not offered on this dashboard. In the project's folder, type:"
    command = "barograph assess ORGANIZATION"
    raise RefusedError(404, "Self-assessment is switched off here", text, command=command)
