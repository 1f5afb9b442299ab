"""What is said to and by those whom the records are about, brought up to date for publication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.notice import keep_notice, project_notice
from flows.statements import take_in_statements

if TYPE_CHECKING:
    from flows.settings import Settings
    from warehouse.db import Connection


def renew_public_words(settings: Settings, connection: Connection) -> None:
    """Corrections and replies from the project's files, and the notice from its settings.

    Raises:
        InputError: one of the files has problems.
    """
    take_in_statements(settings, connection)
    keep_notice(connection, project_notice(settings, connection))
