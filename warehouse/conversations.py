"""All conversations with the organizations, of all time, under the names that exports use.

Signals look at the last half year alone; who reads an export wants every answer.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from warehouse.db import transaction
from warehouse.facts import reach_back

if TYPE_CHECKING:
    from warehouse.db import Connection

_ALL = """
    create or replace temp table all_conversations as
    with found as (
        {model}
    )

    select
        acts.activity_id,
        found.* exclude (act_key, answer_key, thread_key, author_number),
        acts.thread_id,
        answers.activity_id as answer_id,
    from found
    join raw.activities as acts on found.act_key = hash(acts.activity_id)
    left join raw.activities as answers on found.answer_key = hash(answers.activity_id)
"""


def gather_conversations(connection: Connection) -> None:
    """Put every conversation, as of the last build, into the temporary table `all_conversations`.

    It has the columns of `rollups.conversations`, with identifiers for their hashes.
    """
    model = resources.files("warehouse") / "models" / "rollups" / "conversations.sql"
    connection.execute("set variable as_of = (select max(as_of) from staging.clock)")
    connection.execute("set variable conversations_from = '0001-01-01'::timestamp")
    with transaction(connection):
        reach_back(connection)
    connection.execute(_ALL.format(model=model.read_text("utf-8")))
