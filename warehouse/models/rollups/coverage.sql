-- One row per listed channel: of how many of its days something was seen, in the 13 full weeks up
-- to `as_of_week` (late) and in the 13 before them (early). Each half has 91 days.
-- Window: the 26 full weeks up to `as_of_week`, UTC.
-- NULL: never.
with halves as (
    select
        seen_spans.channel_id,
        halves.is_late,
        sum(
            least(seen_spans.until_day, halves.until_day)
            - greatest(seen_spans.from_day, halves.from_day) + 1
        ) as seen_day_count,
    from raw.seen_spans
    join (
        values
            (true, getvariable('as_of_week') - 12 * 7, getvariable('as_of_week') + 6),
            (false, getvariable('as_of_week') - 25 * 7, getvariable('as_of_week') - 12 * 7 - 1)
    ) as halves (is_late, from_day, until_day)
        on seen_spans.from_day <= halves.until_day
        and seen_spans.until_day >= halves.from_day
    group by seen_spans.channel_id, halves.is_late
),

seen as (
    select
        channel_id,
        sum(seen_day_count) filter (is_late) as late_day_count,
        sum(seen_day_count) filter (not is_late) as early_day_count,
    from halves
    group by channel_id
)

select
    channels.organization_id,
    channels.channel_id,
    channels.organization_key,
    channels.channel_key,
    channels.source,
    channels.function,
    channels.is_publishing,
    channels.is_dialogue,
    91 as half_day_count,
    coalesce(seen.late_day_count, 0)::integer as late_day_count,
    coalesce(seen.early_day_count, 0)::integer as early_day_count,
from staging.channels
left join seen on channels.channel_id = seen.channel_id
