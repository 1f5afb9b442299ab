"""A world of organizations that speak and are spoken to, to measure signals on.

Ten activities make a block of one organization in one week: three posts, four acts of outsiders
towards it (half of them questions), two replies of its own and one act between outsiders. All
of it follows from the numbers of the blocks, so that one size is always the same world. Rows go
into schema `raw` in the order in which they arrive: week by week, organizations mixed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from warehouse.register import register_organizations, register_sources

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.db import Connection

WEEK_COUNT = 100
ORGANIZATION_COUNT = 10_000
BLOCK_SIZE = 10  #: activities of a block
FIRST_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
#: The world ends here (UTC); the increment adds the week that follows.
WORLD_END = FIRST_MONDAY + timedelta(weeks=WEEK_COUNT)
INCREMENT_END = WORLD_END + timedelta(weeks=1)

_STEP_ROWS = 5_000_000
_WEEK = timedelta(weeks=1)
#: What is known of an activity after one look at it.
_AFTER_A_LOOK = "first_seen_at as last_listed_at, 0 as edit_count, page_id as last_page_id"
_SOURCES = ("mastodon", "discourse", "feeds")
_DIALOGUE_SOURCES = ("mastodon", "discourse")
_INDUSTRIES = ("public-administration", "education", "health", "finance", "retail", "energy")
_SIZES = ("1-9", "10-49", "50-249", "250-999", "1000+")
_ZONES = ("Europe/Amsterdam", "Europe/London", "America/New_York", "Asia/Tokyo", "UTC")

# A number between 0 and 1 that follows from others: what a throw of dice is elsewhere.
_CHANCE = """
    create or replace temp macro chance(block, slot, topic) as
        (hash(block, slot, topic) >> 11)::double / 9007199254740992
"""
# What is new since a build; before the first one everything is.
_NOTE = """
    insert into raw.touched_weeks
    select distinct
        organization_id,
        date_trunc('week', occurred_at)::date,
    from raw.activities
    where occurred_at >= $since and exists (from signals.builds)
"""
# How large organizations are is log-normal; `below` is the share of all blocks that smaller
# numbers have.
_SIZES_OF_ORGANIZATIONS = """
    create or replace temp table sizes as
    with weights as (
        select
            number,
            exp(1.2 * sqrt(-2 * ln(1 - chance(number, 0, 'size'))) * cos(
                2 * pi() * chance(number, 1, 'size')
            )) as weight,
        from range($count) as numbers(number)
    )

    select
        number,
        'organization-' || lpad(number::varchar, 5, '0') as organization_id,
        (sum(weight) over (order by number) - weight) / sum(weight) over () as below,
        0.2 + 0.7 * chance(number, 2, 'size') as answered_share,
        1 + 20 * chance(number, 3, 'size') as answer_hours,
        greatest(4, (weight * 40)::integer) as people_count,
    from weights
    order by below
"""
_ACTIVITIES = """
    with placed as (
        select
            block,
            week,
            $first_monday + to_days(7 * week::integer) as monday,
            chance(block, 0, 'organization') as place,
            chance(block, 0, 'forum') < 0.5 as is_forum,
        from blocks
    ),

    owned as (
        select placed.*, sizes.* exclude (below)
        from placed
        asof join sizes on placed.place >= sizes.below
    ),

    -- seconds after Monday at which the block's conversation begins, and what follows it
    timed as (
        select
            *,
            (chance(block, 0, 'second') * 7 * 86400)::integer as opening_second,
            (-3600 * ln(1 - chance(block, slot, 'asked')) * 3)::integer as asked_after,
        from owned
        cross join range(10) as slots(slot)
    ),

    said as (
        select
            *,
            case
                when slot in (7, 8) then slot - 4
                when slot = 9 then 5
                when slot between 3 and 6 and not is_forum then 0
            end as parent_slot,
            slot in (7, 8) and chance(block, slot, 'answered') > answered_share as is_elsewhere,
            case
                when slot = 0 then opening_second
                when slot < 3 then (chance(block, slot, 'posted') * 7 * 86400)::integer
                when slot < 7 then opening_second + asked_after
                else opening_second
                    + (-3600 * ln(1 - chance(block, slot - 4, 'asked')) * 3)::integer
                    + 60
                    + (-3600 * ln(1 - chance(block, slot, 'replied')) * answer_hours)::integer
            end as second_of_week,
        from timed
    ),

    named as (
        select
            *,
            monday + to_seconds(second_of_week) as moment,
            case
                when slot between 3 and 9 and is_forum then 'discourse'
                when slot = 2 then 'feeds'
                else 'mastodon'
            end as source,
            slot < 3 or slot in (7, 8) as is_own,
            md5('thread ' || block || case when is_elsewhere then ' elsewhere' else '' end)
                as thread,
        from said
    )

    select
        md5(block || ' ' || slot) as activity_id,
        organization_id || ':' || source as channel_id,
        organization_id,
        case when slot < 3 then 'post' when is_forum and slot = 3 then 'question' else 'reply' end
            as kind,
        case
            when is_own then 'by_organization'
            when slot = 9 then 'among_others'
            else 'to_organization'
        end as direction,
        moment as occurred_at,
        moment as published_at,
        null::timestamp as updated_at,
        greatest(monday + to_days(7), moment) as first_seen_at,
        'second' as time_precision,
        '' as date_flag,
        'id' as identity_basis,
        false as is_repeated,
        case
            when not is_own then md5('person at ' || source || ' ' || number || ' ' || (
                pow(chance(block, slot, 'person'), 2) * people_count
            )::integer)
            else ''
        end as author_key,
        case when is_own then 'organization' else 'outsider' end as author_role,
        case when is_own then 'channel_account' else '' end as author_evidence,
        case
            when is_elsewhere then md5(block || ' elsewhere ' || slot)
            when parent_slot is not null then md5(block || ' ' || parent_slot)
            else ''
        end as parent_id,
        case slot when 2 then '' when 1 then md5('thread ' || block || ' 1') else thread end
            as thread_id,
        case when slot = 2 then '' when slot > 2 and is_forum then 'list' else 'tree' end
            as thread_shape,
        case when slot = 2 then '' when slot < 3 then 'statuses' else 'thread' end as listed_in,
        case when slot < 3 then 'listing' else 'thread' end as found_through,
        case when slot between 3 and 6 then slot in (3, 5) when slot = 9 then false end
            as is_question,
        null::boolean as is_accepted_answer,
        'en' as language,
        (20 + chance(block, slot, 'length') * 400)::integer as text_length,
        case when slot < 3 then organization_id || '.example' else '' end as link_host,
        -- one in three blocks says the same in two channels
        case
            when slot < 3
                then md5('link ' || block || case when block % 3 = 0 then 0 else slot end)[1:16]
            else ''
        end as link_key,
        case when slot < 3 then md5('text ' || block || ' ' || slot)[1:16] else '' end
            as content_fingerprint,
        case when slot < 3 then md5('sketch ' || block || ' ' || slot) else '' end as text_sketch,
        case when source = 'mastodon' then (chance(block, slot, 'likes') * 20)::bigint end
            as like_count,
        case when source = 'mastodon' then (chance(block, slot, 'replies') * 5)::bigint end
            as reply_count,
        case when source = 'mastodon' then (chance(block, slot, 'reposts') * 8)::bigint end
            as repost_count,
        md5('page ' || number || ' ' || source || ' ' || week) as page_id,
        '1' as connector_version,
    from named
    -- nothing comes from the future; a few answers are lost by this
    where moment < $end
"""
_PRESENCES = """
    insert into raw.presences by name
    select
        organization_id || ':' || source as channel_id,
        organization_id,
        $first_monday::timestamp + to_days(7 * (week::integer + 1)) as observed_at,
        md5('page ' || number || ' ' || source || ' ' || week) as page_id,
        people_count * 5 + week as follower_count,
        people_count + week as member_count,
        people_count as active_member_count,
        28 as active_days,
        week * 3 as post_count,
        chance(number, 4, 'size') < 0.3 as is_verified,
        case when chance(number, 4, 'size') < 0.3 then 'rel_me' else '' end as verification,
        true as has_description,
        true as has_site_link,
        true as has_avatar,
        false as has_contact,
        source = 'discourse' as has_rules,
        true as is_linked_back,
    from sizes
    cross join (select unnest($sources) as source)
    cross join range($since_week, $until_week) as weeks(week)
"""


class World:
    """The world in schema `raw` of a warehouse: its organizations, and as many weeks as wanted.

    An import vouches for all of it, conversations included.
    """

    def __init__(
        self,
        connection: Connection,
        activity_count: int,
        organization_count: int = ORGANIZATION_COUNT,
    ) -> None:
        self.connection = connection
        self.activity_count = activity_count
        connection.execute(_CHANCE)
        connection.execute(_SIZES_OF_ORGANIZATIONS, {"count": organization_count})
        numbers = range(organization_count)
        register_organizations(connection, [_organization(n) for n in numbers], FIRST_MONDAY)
        register_sources(connection, [_source(name) for name in _SOURCES])
        _vouch(connection)
        _observe(connection)

    @property
    def week_blocks(self) -> int:
        """Blocks of a week."""
        return self.activity_count // WEEK_COUNT // BLOCK_SIZE

    def fill(self, since_week: int, until_week: int) -> None:
        """Add the activities of these weeks, and note what they touch as loading does."""
        step = max(1, _STEP_ROWS // (self.week_blocks * BLOCK_SIZE))
        for week in range(since_week, until_week, step):
            self._add(week, min(until_week, week + step))

    def _add(self, since_week: int, until_week: int) -> None:
        blocks = {"blocks": self.week_blocks}
        self.connection.execute(
            "create or replace temp table blocks as select block, block // $blocks as week "
            "from range($since * $blocks, $until * $blocks) as numbers(block)",
            {"since": since_week, "until": until_week, **blocks},
        )
        self.connection.execute(
            f"insert into raw.activities by name select *, {_AFTER_A_LOOK} "
            f"from ({_activities(WORLD_END)})"
        )
        self.connection.execute(_NOTE, {"since": _naive(FIRST_MONDAY + since_week * _WEEK)})


def write_increment(world: World, folder: Path) -> None:
    """Write the week after the world as landed tables: a hundredth of what there is.

    95 % happened in the new week, 5 % in the weeks before, the later the likelier. One in 200
    is an edit of an act of the last four weeks, one in 1,000 is deleted.
    """
    folder.mkdir(parents=True)
    first = world.activity_count // BLOCK_SIZE
    world.connection.execute(
        "create or replace temp table blocks as select block, case when block % 20 > 0 then $week "
        "else greatest(0, $week - 1 - (-1.5 * ln(1 - chance(block, 0, 'late')))::integer) end "
        "as week from range($since, $until) as numbers(block)",
        {"week": WEEK_COUNT, "since": first, "until": first + world.week_blocks},
    )
    for name, query in _increment_queries(world.week_blocks * BLOCK_SIZE).items():
        world.connection.execute(f"copy ({query}) to '{folder / name}.parquet' (compression lz4)")


def _increment_queries(count: int) -> dict[str, str]:
    moment = f"timestamp '{_naive(INCREMENT_END)}'"
    recent = f"occurred_at >= timestamp '{_naive(WORLD_END - timedelta(weeks=4))}'"
    columns = "* exclude (last_listed_at, edit_count, last_page_id)"
    return {
        "activities": (
            f"select * replace ({moment} as first_seen_at) from ({_activities(INCREMENT_END)}) "
            f"union all by name (select {columns} replace ({moment} as first_seen_at, "
            "md5(activity_id)[1:16] as content_fingerprint) from raw.activities "
            f"where {recent} and kind = 'post' order by hash(activity_id) limit {count // 200})"
        ),
        "deletions": (
            f"select activity_id, channel_id, {moment} as observed_at, 'gone' as page_id "
            f"from raw.activities where {recent} and kind = 'reply' "
            f"order by hash(activity_id) limit {count // 1000}"
        ),
        "periods": (
            f"select channel_id, timestamp '{_naive(WORLD_END)}' as from_at, {moment} as until_at, "
            f"{moment} as observed_at, true as is_dialogue_whole, 'import' as page_id "
            "from raw.channels"
        ),
    }


def _vouch(connection: Connection) -> None:
    """Let an import stand for everything until the world's end, conversations included."""
    given = {"since": _naive(FIRST_MONDAY), "until": _naive(WORLD_END)}
    connection.execute(
        "insert into raw.periods by name select channel_id, $since as from_at, $until as until_at, "
        "$until as observed_at, true as is_dialogue_whole, 'import' as page_id from raw.channels",
        given,
    )
    connection.execute(
        "insert into raw.seen_spans "
        "select channel_id, $since::date, $until::date - 1 from raw.channels",
        given,
    )


def _observe(connection: Connection) -> None:
    connection.execute(
        _PRESENCES,
        {
            "first_monday": _naive(FIRST_MONDAY),
            "sources": list(_DIALOGUE_SOURCES),
            "since_week": WEEK_COUNT - 13,
            "until_week": WEEK_COUNT,
        },
    )


def _activities(end: datetime) -> str:
    query = _ACTIVITIES.replace("$first_monday", f"timestamp '{_naive(FIRST_MONDAY)}'")
    return query.replace("$end", f"timestamp '{_naive(end)}'")


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _organization(number: int) -> dict[str, Any]:
    name = f"organization-{number:05}"
    return {
        "organization_id": name,
        "name": f"Organization {number}",
        "industry": _INDUSTRIES[number % len(_INDUSTRIES)],
        "size_class": _SIZES[number % len(_SIZES)],
        "country": "NL",
        "timezone": _ZONES[number // 7 % len(_ZONES)],
        "homepage": f"https://{name}.example",
        "channels": [_channel(name, source) for source in _SOURCES],
    }


def _channel(organization: str, source: str) -> dict[str, str]:
    return {
        "channel_id": f"{organization}:{source}",
        "organization_id": organization,
        "source": source,
        "address": f"https://{source}.example/{organization}",
        "role": "official",
        "function": "press" if source == "feeds" else "support",
        "region": "",
        "evidence": "",
    }


def _source(name: str) -> dict[str, Any]:
    return {
        "source": name,
        "terms_url": "",
        "is_enabled": True,
        "may_derive": True,
        "shows_dialogue": name in _DIALOGUE_SOURCES,
        "publishes": True,
    }
