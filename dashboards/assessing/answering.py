"""Filling in a form: empty, from a draft, sent, saved, or sent back with what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from classifiers.assessing.instrument import INSTRUMENT_CODES, Instrument, read_instrument
from dashboards.assessing.form import Form, filled_form, read_form
from dashboards.assessing.posted import posted_fields
from dashboards.assessing.refusals import RefusedError
from dashboards.assessing.seals import comes_from_here, remember, visitor_of
from dashboards.assessing.showing import PRIVATE, shown, visit_of
from dashboards.assessing.tokens import is_token, new_token
from dashboards.pages.assess import TITLE, start
from dashboards.pages.assess_form import questionnaire
from dashboards.pages.page import Content, NoSuchOrganizationError
from dashboards.reading.header import known
from dashboards.rendering import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from dashboards.assessing.form import FieldError
    from dashboards.assessing.intake import Intake
    from dashboards.pages.page import Visit

_REOPENED = (
    "This page was opened before your browser or this dashboard forgot it, so nothing was sent. "
    "Your answers stand below: send them again."
)


class _Said(NamedTuple):
    """What a page of a form says beside its questions."""

    status: int = 200
    errors: Sequence[FieldError] = ()
    saved_at: datetime | None = None
    warning: str = ""


_NOTHING_SAID = _Said()


def choose(request: Request) -> Response:
    """From the first step to an empty form, or back with what is missing."""
    organization_id = request.query_params.get("organization", "")
    code = request.query_params.get("instrument", "")
    visit = visit_of(request, "assess/new")
    if not organization_id or code not in INSTRUMENT_CODES:
        chosen = code if code in INSTRUMENT_CODES else INSTRUMENT_CODES[0]
        missing = start(visit, chosen, "Choose an organization and a questionnaire.")
        return shown(visit, "assess", Content(title=f"Error: {TITLE}", shown=missing), 422)
    return RedirectResponse(f"{code}?{urlencode({'organization': organization_id})}", 303)


def empty(intake: Intake, request: Request) -> Response:
    """An empty form."""
    instrument = _instrument(request)
    about = request.query_params.get("organization", "")
    if not about:
        return RedirectResponse("../assess", status_code=303)
    fields = {"organization": about, "answered_on": datetime.now(UTC).date().isoformat()}
    return _form_page(intake, request, filled_form(instrument, new_token(), fields))


def draft(intake: Intake, request: Request) -> Response:
    """A form that was saved, to go on with."""
    kept = intake.draft(request.path_params["token"])
    if kept is None:
        raise RefusedError(404, "There is no such draft", _GONE)
    instrument = read_instrument(kept.instrument)
    if kept.version != instrument.version:
        raise RefusedError(410, "The questions have changed", "Begin a new self-assessment.")
    form = filled_form(instrument, kept.token, kept.fields)
    return _form_page(intake, request, form, _Said(saved_at=kept.written_at))


_GONE = "It was sent, or not changed for 30 days, or its address is not complete."


async def progress(request: Request) -> Response:
    """How many questions of a form have an answer; nothing is kept."""
    fields = await posted_fields(request)
    return await run_in_threadpool(_progress, request, fields)


def _progress(request: Request, fields: Mapping[str, str]) -> Response:
    token = fields.get("token", "")
    form = filled_form(_instrument(request), token if is_token(token) else new_token(), fields)
    return HTMLResponse(render("pages/assess_progress.html", form=form), headers=PRIVATE)


async def post(intake: Intake, request: Request) -> Response:
    """Take, or keep, what a browser sends; what takes time is done beside the event loop."""
    fields = await posted_fields(request)
    return await run_in_threadpool(_posted, intake, request, fields)


def _posted(intake: Intake, request: Request, fields: Mapping[str, str]) -> Response:
    is_from_here = comes_from_here(request)
    if is_from_here is False:
        raise _foreign()
    token = fields.get("token", "")
    is_sealed = intake.key.is_sealed(visitor_of(request), token, fields.get("seal", ""))
    if not is_sealed and is_from_here is None:
        raise _foreign()
    own = token if is_token(token) else new_token()
    form = filled_form(_instrument(request), own, fields)
    if not is_sealed:
        return _form_page(intake, request, form, _Said(status=403, warning=_REOPENED))
    if fields.get("wanted") == "save":
        return _save(intake, request, form)
    return _send(intake, request, form)


def _foreign() -> RefusedError:
    text = (
        "The form did not come from a page of this dashboard, or the browser keeps no cookies. "
        "Open Self-assessment and answer there."
    )
    return RefusedError(403, "This form was not taken", text)


def _save(intake: Intake, request: Request, form: Form) -> Response:
    _name(visit_of(request, "assess"), form)
    intake.save(form, _client(request))
    return RedirectResponse(f"drafts/{form.token}", status_code=303)


def _send(intake: Intake, request: Request, form: Form) -> Response:
    visit = visit_of(request, "assess")
    listed = frozenset(known(visit.snapshot).names)
    read = read_form(form, listed)
    if isinstance(read, list):
        return _form_page(intake, request, form, _Said(status=422, errors=read))
    return RedirectResponse(f"results/{intake.submit(form, _client(request))}", status_code=303)


def _form_page(
    intake: Intake,
    request: Request,
    form: Form,
    said: _Said = _NOTHING_SAID,
) -> Response:
    saved_at = said.saved_at
    place = f"assess/drafts/{form.token}" if saved_at else f"assess/{form.instrument.code}"
    visit, visitor = visit_of(request, place), visitor_of(request)
    content = Content(
        title=f"{'Error: ' if said.errors else ''}{form.instrument.title}",
        shown=questionnaire(
            form,
            _name(visit, form),
            intake.key.seal(visitor, form.token),
            errors=said.errors,
            saved_at=saved_at,
            warning=said.warning,
        ),
    )
    response = shown(visit, "assess_form", content, said.status)
    remember(response, visitor, is_secure=_is_secure(request))
    return response


def _name(visit: Visit, form: Form) -> str:
    """The name of the organization that a form is about.

    Raises:
        NoSuchOrganizationError: the snapshot does not have it.
    """
    name = known(visit.snapshot).names.get(form.organization_id)
    if name is None:
        raise NoSuchOrganizationError(form.organization_id)
    return name


def _instrument(request: Request) -> Instrument:
    code = request.path_params["instrument"]
    if code not in INSTRUMENT_CODES:
        raise HTTPException(404)
    return read_instrument(code)


def _client(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS, be it to a proxy; a wrong yes only loses the cookie."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))
