"""How an invented snapshot was collected: channels, what was seen of them, days and runs.

Two runs a day ask half of the channels each. What the last two did is what the channels tell;
earlier ones did about the same, but for one that failed, one that was killed, one without a
single failure now and then, and days on which one source was out or not to be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invented_chance import MOMENT, WEEK, chance, one_of

if TYPE_CHECKING:
    import duckdb

#: When the last run began; every other one twelve hours before the next.
_LAST_RUN = "timestamp '2026-11-22 18:00:00'"
#: Nothing of these organizations was seen for weeks.
CLOSED = "i % 40 = 31"
_SEEN = "'ok', 'not_modified', 'unchanged'"
_FUNCTIONS = ("press", "support", "careers", "news", "engineering", "community")
#: The last outcome with what was told, and how many days ago the channel was seen before that.
_TROUBLES = (
    ("server_error", "HTTP 503 Service Unavailable", 1, 3),
    ("server_error", "HTTP 502 Bad Gateway", 1, 2),
    ("timeout", "no answer within 30 seconds", 1, 4),
    ("not_found", "HTTP 404 Not Found", 20, 100),
    ("malformed", "not well-formed: mismatched tag, line 14", 5, 20),
    ("disallowed", "robots.txt does not want us there", 60, 90),
    ("held", "HTTP 429 asks us to stay away for 6 h", 1, 2),
)
_NEVER_ASKED = len(_TROUBLES)  # place after the troubles
_RATE_LIMIT = "HTTP 429: too many requests"


def write_channels(connection: duckdb.DuckDBPyConnection, organization_count: int) -> None:
    """Fill `marts.channels`, which everything else on collecting follows from."""
    connection.execute(_channels(organization_count))


def write_collection(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the marts that tell how collecting went; organizations and channels are there already.

    The header of the snapshot is told of the last run.
    """
    for statement in (
        _activity_weeks(),
        _weeks(),
        _sources(),
        _source_outcomes(),
        _asked(),
        _source_days(),
        _runs(),
        "drop table asked",
        _header(),
    ):
        connection.execute(statement)


def _channels(organization_count: int) -> str:
    return f"""
    insert into marts.channels by name
    with listed as (
        select
            i,
            k,
            (case i % 3 when 0 then ['feeds'] when 1 then ['feeds', 'mastodon']
                else ['bluesky', 'feeds'] end) as sources,
            sources[(1 + k % len(sources))::bigint] as source,
            {_place()} as place,
        from range({organization_count}) as organizations (i), range(6) as numbers (k)
        where k < 3 + i % 4
    ),
    told as (
        select
            *,
            {_by_place("outcome", 0)} as outcome,
            {_by_place("error", 1)} as error,
            {_by_place("age", 2)} as fewest_days,
            {_by_place("age", 3)} as most_days,
            {_LAST_RUN} - interval 12 hour * (hash(i, k, 'run') % 2)
                + interval 1 second * (hash(i, k, 'second') % 1200) as attempted_at,
        from listed
    )
    select
        'organization-' || lpad(i::varchar, 6, '0') as organization_id,
        organization_id || ':' || source || ':' || k as channel_id,
        source,
        {list(_FUNCTIONS)}[(1 + k)::bigint] as function,
        'https://example.org/' || organization_id || '/' || source || '/' || function as address,
        'official' as role,
        case
            when outcome = 'held' then attempted_at - interval 1 day
            when outcome <> '' then attempted_at
        end as last_attempt_at,
        case
            when outcome in ({_SEEN}) then attempted_at
            when outcome <> '' and not (outcome = 'disallowed' and hash(i, k, 'ever') % 2 = 0)
                then attempted_at - interval 1 day
                    * (fewest_days + hash(i, k, 'age') % (1 + most_days - fewest_days))
        end as last_seen_at,
        outcome as last_outcome,
        error as last_error,
        case when last_seen_at is not null then 150 + hash(i, k, 'acts') % 200 else 0 end
            as activity_count,
        source = 'mastodon' and hash(i, k, 'lossy') % 3 = 0 as is_lossy,
    from told
    order by organization_id, channel_id
    """


def _place() -> str:
    """Which trouble a channel is in: one of ten is in some, and NULL is none."""
    found = f"hash(i, k, 'trouble') % {len(_TROUBLES) * 15}"
    return f"""
        case
            when {CLOSED} then -1
            when source <> 'feeds' and hash(i, k, 'limit') % 30 = 0 then -2
            when hash(i, k, 'new') % 200 = 0 then {_NEVER_ASKED}
            when {found} < {len(_TROUBLES)} then {found}
        end::integer
    """


def _by_place(column: str, position: int) -> str:
    """One thing that is told of a channel, by its trouble."""
    values = [each[position] for each in _TROUBLES]
    closed = ("unreachable", "no such name", 58, 60)[position]
    limited = ("blocked", _RATE_LIMIT, 1, 9)[position]
    new, fine = ("", "''") if column != "age" else (0, "0")
    if column == "outcome":
        fine = one_of(("ok", "ok", "not_modified", "not_modified", "unchanged"), "i", "k", "'fine'")
    return f"""
        case place
            when -1 then {closed!r}
            when -2 then {limited!r}
            when {_NEVER_ASKED} then {new!r}
            else coalesce({values!r}[place + 1], {fine})
        end
    """


def _activity_weeks() -> str:
    return f"""
    insert into marts.activity_weeks by name
    with days as (
        select
            channels.*,
            weeks.week,
            {_seen_days("weeks.week")} as day_count,
            source <> 'feeds' as is_dialogue,
        from marts.channels
        cross join (
            select {WEEK} - (7 * back)::integer as week from range(26) as weeks (back)
        ) as weeks
    )
    select
        organization_id,
        source,
        week,
        case when sum(day_count) > 0
            then sum(hash(channel_id, week) % 5) filter (day_count > 0) end::integer as post_count,
        case when sum(day_count) > 0 and any_value(is_dialogue)
            then sum(hash(channel_id, week, 'r') % 4) filter (day_count > 0) end::integer
            as reply_count,
        case when sum(day_count) > 0 and any_value(is_dialogue)
            then sum(hash(channel_id, week, 's') % 6) filter (day_count > 0) end::integer
            as received_count,
        sum(day_count)::integer as covered_day_count,
        (7 * count(*))::integer as channel_day_count,
    from days
    group by organization_id, source, week
    order by organization_id, source, week
    """


def _seen_days(week: str) -> str:
    """On how many days of a week a channel was seen, as if on every day until the last."""
    days = f"greatest(0, least(7, last_seen_at::date - {week} + 1))"
    return f"case when last_seen_at is null then 0 else {days} end"


def _weeks() -> str:
    """The last week as the channels tell it; in some of the others much was not reached."""
    return f"""
    insert into marts.weeks by name
    with last as (
        select
            count(distinct organization_id) filter (day_count > 0) as reached_count,
            sum(day_count) as seen_day_count,
        from (
            select
                organization_id,
                {_seen_days(WEEK)} as day_count,
            from marts.channels
        )
    ),
    sums as (
        select
            as_of_week,
            count(*) as organization_count,
            case when week(as_of_week) % 17 = 0 then 0.6 else 0.97 end as share,
            7 * sum(channel_count) as channel_day_count,
            sum(7 * channel_count * coverage_share) as covered,
            count(stage_code) as estimate_count,
            count(*) filter (is_abstained) as abstained_count,
            max(model_version) as model_version,
        from marts.organizations
        group by as_of_week
    )
    select
        as_of_week,
        organization_count,
        case when as_of_week = {WEEK} then last.reached_count else organization_count * share
            end::integer as reached_count,
        case when as_of_week = {WEEK} then last.seen_day_count else covered * share
            end::integer as seen_day_count,
        channel_day_count,
        estimate_count,
        abstained_count,
        model_version,
    from sums
    cross join last
    order by as_of_week
    """


def _sources() -> str:
    """See warehouse/models/marts/sources.sql; windows end with the moment of the snapshot."""
    return f"""
    insert into marts.sources by name
    with acts as (
        select source, sum(post_count + coalesce(reply_count + received_count, 0)) as act_count
        from marts.activity_weeks
        where week > {WEEK} - 28
        group by source
    )
    select
        source,
        count(*) as channel_count,
        count(distinct organization_id) as organization_count,
        count(distinct organization_id) filter (last_seen_at > {MOMENT} - interval 7 day)
            as reached_organization_count,
        count(*) filter (last_seen_at > {MOMENT} - interval 7 day) as seen_channel_count,
        max(last_seen_at) as last_success_at,
        min(last_attempt_at) filter (last_outcome <> 'held') + interval 1 day as next_due_at,
        any_value(acts.act_count) as activity_count_28d,
        count(*) filter (last_outcome = 'disallowed') as robots_count,
        count(*) filter (last_outcome = 'held' or last_error = '{_RATE_LIMIT}')
            as rate_limited_count,
        count(*) filter (last_outcome not in ('', 'held', 'disallowed', 'blocked', {_SEEN}))
            as failed_count,
    from marts.channels
    left join acts using (source)
    group by source
    order by source
    """


def _source_outcomes() -> str:
    return """
    insert into marts.source_outcomes by name
    select source, last_outcome as outcome, count(*) as channel_count
    from marts.channels
    group by all
    order by source, outcome
    """


def _asked() -> str:
    """What each of the latest 60 runs did at each source; `back` is 0 for the last of them."""
    varied = f"failed_count * (0.4 + 0.8 * {chance('back', 'source')})"
    return f"""
    create temporary table asked as
    with slots as (
        select
            source,
            hour(last_attempt_at) < 12 as is_morning,
            count(*) filter (last_outcome <> 'held') as due_count,
            count(*) filter (last_outcome = 'held') as held_count,
            count(*) filter (last_outcome not in ('held', {_SEEN})) as failed_count,
        from marts.channels
        where last_outcome <> ''
        group by all
    )
    select
        back,
        {_LAST_RUN} - interval 12 hour * back as started_at,
        source,
        case back when 3 then 0.5 when 8 then 0.3 else 1 end as done_share,
        source = 'bluesky' and back in (38, 39) as is_held,
        case when is_held then 0 else due_count end as due_count,
        case when is_held then due_count else held_count end as held_count,
        case
            when back < 2 then failed_count
            when is_held or back % 7 = 5 then 0
            when source = 'mastodon' and back in (24, 25) then due_count
            else {varied}
        end::integer as failed_count,
    from slots
    join range(60) as runs (back) on (back % 2 = 1) = is_morning
    """


def _source_days() -> str:
    """A channel that failed was tried twice."""
    return f"""
    insert into marts.source_days by name
    with days as (
        select
            source,
            started_at::date as day,
            sum(floor(due_count * done_share)) as asked_count,
            sum(floor(failed_count * done_share)) as unseen_count,
        from asked
        where started_at::date > {MOMENT}::date - 28 and due_count > 0
        group by source, day
    )
    select
        source,
        day,
        asked_count as asked_channel_count,
        asked_count - unseen_count as seen_channel_count,
        asked_count + unseen_count as attempt_count,
        2 * unseen_count as failed_attempt_count,
    from days
    order by source, day
    """


def _runs() -> str:
    activities = "select sum(activity_count_28d) / 56 from marts.sources"
    return f"""
    insert into marts.runs by name
    select
        strftime(started_at, '%Y%m%dT%H%M%S000000Z-') || format('{{:04x}}', back * 997)
            as run_id,
        started_at,
        case when back <> 8 then started_at
            + interval 1 second * (1300 + hash(back) % 300) * any_value(done_share) end as ended_at,
        case
            when back = 3 then 'failed'
            when back = 8 then 'interrupted'
            when sum(failed_count) > 0 then 'completed_with_failures'
            else 'completed'
        end as state,
        case when back % 9 = 4 then 'collect' else 'run' end as command,
        (select count(*) from marts.channels where last_outcome <> '') as channel_count,
        sum(due_count) as due_count,
        sum(held_count) as held_count,
        case when back <> 8 then sum(floor(failed_count * done_share)) end as failed_count,
        case when back = 3 then 'OSError: [Errno 28] No space left on device' else '' end as error,
        (({activities}) * any_value(done_share) * (0.7 + 0.6 * {chance("back")}))::bigint
            as activity_count,
        '' as flow_run_url,
    from asked
    group by back, started_at
    order by started_at desc
    """


def _header() -> str:
    return """
    update marts.snapshot set
        data_to = (select max(last_seen_at) from marts.channels),
        run_id = (select arg_max(run_id, started_at) from marts.runs),
        run_state = (select arg_max(state, started_at) from marts.runs)
    """
