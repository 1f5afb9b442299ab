-- One row per listed organization and ISO week of the 26 full weeks up to `as_of_week`.
-- Only channels in which the organization publishes tell when it was silent. A channel is
-- readable when any of its days in the last 13 weeks was seen; a week is complete when every
-- readable channel was seen on all its days.
-- Window: weeks start on Monday, UTC. An organization without such channels has no rows.
-- NULL: post_count is NULL in a week that was not complete on all seven days.
with channels as (
    select
        organization_key,
        channel_key,
        channel_id,
        late_day_count > 0 as is_readable,
    from rollups.coverage
    where is_publishing
),

spans as (
    select
        channels.organization_key,
        channels.channel_key,
        channels.is_readable,
        greatest(seen_spans.from_day, getvariable('as_of_week') - 25 * 7) as from_day,
        least(seen_spans.until_day, getvariable('as_of_week') + 6) as until_day,
    from channels
    join raw.seen_spans on channels.channel_id = seen_spans.channel_id
),

-- Spans neither touch nor overlap, so that a week of seven days is in one of them.
seen_weeks as (
    select
        organization_key,
        is_readable,
        from_day,
        until_day,
        unnest(generate_series(
            date_trunc('week', from_day), until_day, interval 7 day
        ))::date as week,
    from spans
    where from_day <= until_day
),

seen as (
    select
        organization_key,
        week,
        sum(least(until_day, week + 6) - greatest(from_day, week) + 1) as seen_channel_day_count,
        count(*) filter (is_readable and from_day <= week and until_day >= week + 6)
            as whole_channel_count,
    from seen_weeks
    group by organization_key, week
),

weeks as (
    select unnest(generate_series(
        getvariable('as_of_week') - 25 * 7,
        getvariable('as_of_week'),
        interval 7 day
    ))::date as week
),

organizations as (
    select
        organization_key,
        count(*) * 7 as channel_day_count,
        count(*) filter (is_readable) as readable_channel_count,
    from channels
    group by organization_key
),

whole as (
    select
        organizations.organization_key,
        weeks.week,
        organizations.channel_day_count,
        coalesce(seen.seen_channel_day_count, 0) as seen_channel_day_count,
        organizations.readable_channel_count > 0
            and coalesce(seen.whole_channel_count, 0) = organizations.readable_channel_count
            as is_complete,
    from organizations
    cross join weeks
    left join seen
        on organizations.organization_key = seen.organization_key
        and weeks.week = seen.week
)

select
    whole.organization_key,
    whole.week,
    whole.channel_day_count,
    whole.seen_channel_day_count,
    whole.is_complete,
    case when whole.is_complete then coalesce(posted.post_count, 0) end as post_count,
from whole
left join facts.organization_weeks as posted
    on whole.organization_key = posted.organization_key
    and whole.week = posted.week
