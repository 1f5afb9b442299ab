"""What was sent, for who has its address: the result page, its figures, the answers as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from classifiers.assessing.instrument import read_instrument
from dashboards.answering import UnknownFigureError, Wanted, twin
from dashboards.assessing.answerfiles import answers_csv, answers_json
from dashboards.assessing.form import filled_form, read_form
from dashboards.assessing.refusals import RefusedError
from dashboards.assessing.showing import PRIVATE, shown, visit_of
from dashboards.pages.assess import ASSESS
from dashboards.pages.assess_result import PEERS, PeersAsked, Sent, gather

if TYPE_CHECKING:
    from starlette.requests import Request

    from dashboards.assessing.intake import Intake

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "svg": "image/svg+xml"}


def page(intake: Intake, request: Request) -> Response:
    """The result page, with the peers that were chosen there."""
    sent, asked = _sent(intake, request), _asked(request)
    if request.url.query != asked.address():
        address = f"{sent.token}?{asked.address()}".rstrip("?")
        return RedirectResponse(address, status_code=303, headers=PRIVATE)
    visit = visit_of(request, f"assess/results/{sent.token}", asked)
    return shown(visit, "assess_result", gather(visit, sent))


def data(intake: Intake, request: Request) -> Response:
    """A figure of the result page as CSV, JSON or SVG, or all of them."""
    sent, kind = _sent(intake, request), _kind(request)
    visit = visit_of(request, f"assess/results/{sent.token}", _asked(request))
    figure = request.path_params.get("figure", "")
    text = twin(visit, gather(visit, sent), Wanted(page=ASSESS, form=kind, figure=figure))
    return _file(text, kind, f"barograph-self-assessment{figure and '-'}{figure}.{kind}")


def answers(intake: Intake, request: Request) -> Response:
    """The answers as a file that `barograph claims import` takes."""
    sent, kind = _sent(intake, request), _kind(request)
    if kind == "svg":
        raise UnknownFigureError(kind)
    text = answers_json(sent.form) if kind == "json" else answers_csv(sent.form)
    return _file(text, kind, f"answers.{kind}")


def _sent(intake: Intake, request: Request) -> Sent:
    token = request.path_params["token"]
    kept = intake.sent(token)
    if kept is None:
        text = (
            "Results are shown for 30 days at their own address. The answers themselves are the "
            "project's; `barograph claims` shows what they claim."
        )
        raise RefusedError(404, "There is no such result", text)
    form = filled_form(read_instrument(kept.instrument), kept.token, kept.fields)
    read = read_form(form, None)
    if kept.version != form.instrument.version or isinstance(read, list):
        text = "These answers are to questions that have changed since. The project has them."
        raise RefusedError(410, "The questions have changed", text)
    is_waiting = intake.is_waiting(kept)
    return Sent(answers=read, form=form, record=kept, token=token, is_waiting=is_waiting)


def _asked(request: Request) -> PeersAsked:
    return PeersAsked.read(request.query_params.multi_items(), {"peers": PEERS})


def _kind(request: Request) -> str:
    kind: str = request.path_params["form"]
    if kind not in _TYPES:
        raise UnknownFigureError(kind)
    return kind


def _file(text: str, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', **PRIVATE}
    return Response(text, media_type=_TYPES[kind], headers=headers)
