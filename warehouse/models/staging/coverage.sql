-- One row per listed channel and UTC day of the 53 weeks up to `as_of`: was it seen?
-- A listing shows the days from its oldest entry to its fetch, and those since the listing
-- before it, unless entries were probably missed in between. An unseen day is explained by the
-- first attempt that could have shown it: blocked, failed, or out of the window it offered.
-- Window: 371 days before `as_of`, by what was known at `known_at`.
-- NULL: activity_count is NULL on a day that was not seen.
with days as (
    select unnest(generate_series(
        (getvariable('as_of') - interval 371 day)::date,
        (getvariable('as_of') - interval 1 microsecond)::date,
        interval 1 day
    ))::date as day
),

listed as (
    select
        channel_id,
        organization_id,
    from raw.channels
    where last_listed_at = (select max(last_listed_at) from raw.organizations)
),

channel_days as (
    select
        listed.channel_id,
        listed.organization_id,
        days.day,
        days.day::timestamp as day_at,
    from listed
    cross join days
),

windows as (
    select
        channel_id,
        observed_at,
        least(
            observed_at,
            listed_from,
            case when not is_overflow then lag(observed_at) over earlier end
        ) as from_at,
    from raw.listings
    where observed_at <= getvariable('known_at')
    window earlier as (partition by channel_id order by observed_at)
),

reach as (
    select
        channel_id,
        observed_at,
        min(from_at) over (
            partition by channel_id order by observed_at
            rows between current row and unbounded following
        ) as from_at,
    from windows
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
        fetched_at <= getvariable('known_at')
        -- a part of a channel (a profile, a thread) fails alone, and a guess where a feed may be
        -- says something of the channel only when it was right
        and (
            purpose = 'read'
            or (purpose = 'discovery' and outcome in ('ok', 'not_modified', 'unchanged'))
        )
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
        channel_id,
        occurred_at::date as day,
        count(*) as activity_count,
    from raw.activities
    where
        occurred_at is not null
        and not is_repeated
        and found_through = 'listing'
        and first_seen_at <= getvariable('known_at')
        and occurred_at < getvariable('as_of')
        and occurred_at >= getvariable('as_of') - interval 372 day
    group by all
),

seen as (
    select
        channel_days.*,
        coalesce(reach.from_at::date <= channel_days.day, false) as is_seen,
    from channel_days
    asof left join reach
        on channel_days.channel_id = reach.channel_id
        and channel_days.day_at <= reach.observed_at
),

explained as (
    select
        seen.*,
        attempts.unseen_state,
    from seen
    asof left join attempts
        on seen.channel_id = attempts.channel_id
        and seen.day_at <= attempts.fetched_at
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
