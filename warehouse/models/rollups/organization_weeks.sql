-- One row per listed organization and ISO week of the 26 full weeks up to `as_of_week`.
-- Only channels in which the organization publishes tell when it was silent.
-- Window: weeks start on Monday, UTC. An organization without such channels has no rows.
-- NULL: post_count is NULL in a week that was not complete on all seven days.
with readable as (
    select
        coverage.channel_id,
        bool_or(coverage.state in ('covered', 'empty'))
            filter (coverage.day >= getvariable('as_of_week') - 12 * 7) as is_readable,
    from staging.coverage
    join staging.channels on coverage.channel_id = channels.channel_id
    where channels.is_publishing
    group by coverage.channel_id
),

posts as (
    select
        organization_id,
        date_trunc('week', occurred_on)::date as week,
        count(*) as post_count,
    from staging.posts
    group by all
),

weeks as (
    select
        coverage.organization_id,
        date_trunc('week', coverage.day)::date as week,
        count(*) as channel_day_count,
        count(*) filter (coverage.state in ('covered', 'empty')) as seen_channel_day_count,
        count(*) filter (readable.is_readable) as readable_channel_day_count,
        count(*) filter (readable.is_readable and coverage.state not in ('covered', 'empty'))
            as missed_channel_day_count,
    from staging.coverage
    join readable on coverage.channel_id = readable.channel_id
    where
        coverage.day >= getvariable('as_of_week') - 25 * 7
        and coverage.day < getvariable('as_of_week') + 7
    group by all
)

select
    weeks.organization_id,
    weeks.week,
    weeks.channel_day_count,
    weeks.seen_channel_day_count,
    weeks.readable_channel_day_count > 0 and weeks.missed_channel_day_count = 0 as is_complete,
    case
        when weeks.readable_channel_day_count > 0 and weeks.missed_channel_day_count = 0
            then coalesce(posts.post_count, 0)
    end as post_count,
from weeks
left join posts on weeks.organization_id = posts.organization_id and weeks.week = posts.week
