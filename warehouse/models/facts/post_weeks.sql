-- One row per channel and ISO week with an original post in it: the last one.
-- Window: the weeks in `facts.touched`; weeks start on Monday, UTC.
-- NULL: never.
with weeks as (
    select
        organization_id,
        channel_id,
        date_trunc('week', occurred_at)::date as week,
        max(occurred_at) as last_post_at,
    from raw.activities
    where
        direction = 'by_organization'
        and kind in ('post', 'release')
        and not is_repeated
        and occurred_at >= getvariable('touched_from')
        and occurred_at < getvariable('touched_until')
    group by all
)

select
    touched.organization_key,
    hash(weeks.channel_id) as channel_key,
    touched.week,
    weeks.last_post_at,
from weeks
join facts.touched
    on weeks.organization_id = touched.organization_id
    and weeks.week = touched.week
order by touched.week, touched.organization_key, weeks.channel_id
