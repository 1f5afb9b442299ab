-- One row per listed channel and ISO week of the 53 full weeks up to `as_of_week`: on how many of
-- its seven days it was seen.
-- Window: weeks start on Monday, UTC.
-- NULL: never.
with weeks as (
    select unnest(generate_series(
        getvariable('as_of_week') - 52 * 7,
        getvariable('as_of_week'),
        interval 7 day
    ))::date as week
),

spans as (
    select
        channel_id,
        greatest(from_day, getvariable('as_of_week') - 52 * 7) as from_day,
        least(until_day, getvariable('as_of_week') + 6) as until_day,
    from raw.seen_spans
),

seen_weeks as (
    select
        channel_id,
        from_day,
        until_day,
        unnest(generate_series(date_trunc('week', from_day), until_day, interval 7 day))::date
            as week,
    from spans
    where from_day <= until_day
),

seen as (
    select
        channel_id,
        week,
        sum(least(until_day, week + 6) - greatest(from_day, week) + 1) as seen_day_count,
    from seen_weeks
    group by all
)

select
    channels.organization_id,
    channels.channel_id,
    channels.is_publishing,
    channels.is_dialogue,
    weeks.week,
    coalesce(seen.seen_day_count, 0)::integer as seen_day_count,
from staging.channels
cross join weeks
left join seen on channels.channel_id = seen.channel_id and weeks.week = seen.week
