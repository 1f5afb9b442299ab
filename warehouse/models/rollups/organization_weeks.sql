-- One row per listed organization and ISO week of the 26 full weeks up to `as_of_week`.
-- Only channels in which the organization publishes tell when it was silent. A channel is
-- readable when any of its days in the last 13 weeks was seen; a week is complete when every
-- readable channel was seen on all its days.
-- Window: weeks start on Monday, UTC. An organization without such channels has no rows.
-- NULL: post_count is NULL in a week that was not complete on all seven days.
with channel_weeks as (
    select
        *,
        max(seen_day_count) filter (week > getvariable('as_of_week') - 13 * 7)
            over (partition by channel_id) > 0 as is_readable,
    from rollups.coverage_weeks
    where is_publishing and week > getvariable('as_of_week') - 26 * 7
),

weeks as (
    select
        organization_id,
        week,
        count(*) * 7 as channel_day_count,
        sum(seen_day_count) as seen_channel_day_count,
        coalesce(bool_or(is_readable), false) and bool_and(seen_day_count = 7 or not is_readable)
            as is_complete,
    from channel_weeks
    group by all
)

select
    weeks.organization_id,
    weeks.week,
    weeks.channel_day_count,
    weeks.seen_channel_day_count,
    weeks.is_complete,
    case when weeks.is_complete then coalesce(posted.post_count, 0) end as post_count,
from weeks
left join facts.organization_weeks as posted
    on weeks.organization_id = posted.organization_id
    and weeks.week = posted.week
