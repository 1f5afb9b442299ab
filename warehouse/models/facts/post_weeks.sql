-- One row per channel and ISO week with an original post in it: the last one, also where posts have
-- been purged.
-- Window: the weeks in `facts.touched`; weeks start on Monday, UTC.
-- NULL: never.
with posts as (
    select
        organization_id,
        channel_id,
        occurred_at,
    from raw.activities
    where
        direction = 'by_organization'
        and kind in ('post', 'release')
        and not is_repeated
        and occurred_at >= getvariable('touched_from')
        and occurred_at < getvariable('touched_until')
    union all
    select
        organization_id,
        channel_id,
        last_post_at,
    from raw.purged_weeks
    where
        last_post_at >= getvariable('touched_from')
        and last_post_at < getvariable('touched_until')
),

weeks as (
    select
        hash(organization_id) as organization_key,
        hash(channel_id) as channel_key,
        date_trunc('week', occurred_at)::date as week,
        max(occurred_at) as last_post_at,
    from posts
    group by all
)

select *
from weeks
semi join facts.touched
    on weeks.organization_key = touched.organization_key
    and weeks.week = touched.week
order by weeks.week, weeks.organization_key, weeks.channel_key
