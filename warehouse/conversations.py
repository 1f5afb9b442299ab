"""All conversations with the organizations, of all time, under the names that exports use.

Signals look at the last half year alone; who reads an export wants every answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.facts import reach_back

if TYPE_CHECKING:
    from warehouse.db import Connection

_ALL = """
    create or replace temp table all_conversations as
    select
        acts.activity_id,
        found.organization_id,
        found.channel_id,
        acts.kind,
        found.is_question,
        found.is_opening,
        found.found_through::varchar as found_through,
        found.occurred_at,
        found.answered_at,
        found.answered_by,
        found.observed_until,
        found.peer_answered_at,
        found.answer_state,
        acts.thread_id,
        answers.activity_id as answer_id,
    from rollups.conversations as found
    join raw.activities as acts on found.act_key = hash(acts.activity_id)
    left join raw.activities as answers on found.answer_key = hash(answers.activity_id)
"""


def gather_conversations(connection: Connection) -> None:
    """Put every conversation, as of the last build, into the temporary table `all_conversations`.

    It has the columns of `rollups.conversations`, with identifiers in place of keys.
    """
    connection.execute("set variable conversations_from = '0001-01-01'::timestamp")
    reach_back(connection)
    connection.execute(_ALL)
