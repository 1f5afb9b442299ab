"""Alerts as events of Prefect, for automations to hang on. Prefect itself is never started here."""

from __future__ import annotations

import sys
from datetime import UTC
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from flows.alerting.sending import SendingError, json_record

if TYPE_CHECKING:
    from flows.alerting.sending import Notice


def is_in_flow() -> bool:
    """Whether this is a flow run; without Prefect in the process it is none."""
    if "prefect" not in sys.modules:
        return False
    from prefect.context import FlowRunContext

    return FlowRunContext.get() is not None


def emit_alert(notice: Notice) -> None:
    """Hand an alert to Prefect as `barograph.alert.opened` or `barograph.alert.recovered`.

    The event's identifier follows from the message, so that Prefect keeps it once.

    Raises:
        SendingError: Prefect takes no events.
    """
    from prefect.events import emit_event

    emitted = emit_event(
        event=f"barograph.alert.{notice.kind}",
        resource={
            "prefect.resource.id": f"barograph.{notice.subject_kind}.{notice.subject_id}",
            "prefect.resource.name": notice.subject_id,
            "barograph.condition": notice.code,
            "barograph.severity": notice.severity,
        },
        occurred=notice.created_at.replace(tzinfo=UTC),
        payload=json_record(notice),
        id=uuid5(NAMESPACE_URL, f"barograph:{notice.message_id}"),
    )
    if emitted is None:
        message = "Prefect takes no events"
        raise SendingError(message)
