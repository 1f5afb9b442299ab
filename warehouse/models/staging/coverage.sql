-- One row per listed channel and UTC day of the 53 weeks up to `as_of`: was it seen?
-- A listing shows the days from its oldest entry to its fetch, and those since the listing
-- before it, unless entries were probably missed in between; an import vouches for its spans.
-- An unseen day is explained by the first attempt that could have shown it: blocked, failed, or
-- out of the window it offered.
-- Window: 371 days before `as_of`.
-- NULL: activity_count is NULL on a day that was not seen.
with days as (
    select unnest(generate_series(
        (clock.as_of - interval 371 day)::date,
        (clock.as_of - interval 1 microsecond)::date,
        interval 1 day
    ))::date as day
    from staging.clock
),

channel_days as (
    select
        channels.channel_id,
        channels.organization_id,
        days.day,
        days.day::timestamp as day_at,
    from staging.channels
    cross join days
),

attempts as (
    select
        channel_id,
        fetched_at,
        outcome,
        case
            when outcome in ('blocked', 'needs_auth', 'disallowed', 'opted_out', 'held')
                then 'blocked'
            when outcome in ('ok', 'not_modified', 'unchanged', 'page_loop') then 'out_of_window'
            else 'failed'
        end as unseen_state,
    from raw.attempts
    where
        -- a part of a channel (a profile, a thread) fails alone, and a guess where a feed may be
        -- says something of the channel only when it was right
        purpose = 'read'
        or (purpose = 'discovery' and outcome in ('ok', 'not_modified', 'unchanged'))
),

latest as (
    select
        channel_id,
        arg_max(unseen_state, fetched_at) as unseen_state,
    from attempts
    group by channel_id
),

active as (
    select
        activities.channel_id,
        activities.occurred_at::date as day,
        count(*) as activity_count,
    from raw.activities
    cross join staging.clock
    where
        activities.occurred_at is not null
        and not activities.is_repeated
        and activities.found_through = 'listing'
        and activities.occurred_at < clock.as_of
        and activities.occurred_at >= clock.as_of - interval 372 day
    group by all
),

spanned as (
    select
        channel_days.*,
        coalesce(channel_days.day <= seen_spans.until_day, false) as is_seen,
    from channel_days
    asof left join raw.seen_spans
        on channel_days.channel_id = seen_spans.channel_id
        and channel_days.day >= seen_spans.from_day
),

explained as (
    select
        spanned.*,
        attempts.unseen_state,
    from spanned
    asof left join attempts
        on spanned.channel_id = attempts.channel_id
        and spanned.day_at <= attempts.fetched_at
)

select
    explained.organization_id,
    explained.channel_id,
    explained.day,
    case
        when not explained.is_seen
            then coalesce(explained.unseen_state, latest.unseen_state, 'out_of_window')
        when active.activity_count > 0 then 'covered'
        else 'empty'
    end as state,
    case
        when explained.is_seen then coalesce(active.activity_count, 0)
    end as activity_count,
from explained
left join latest on explained.channel_id = latest.channel_id
left join active
    on explained.channel_id = active.channel_id and explained.day = active.day
