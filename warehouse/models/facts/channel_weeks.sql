-- One row per channel and ISO week with acts of the organization in it: how many of which kind.
-- A post is an original: a post or a release. A reply is anything else that the organization or
-- its staff says, reposts left out.
-- Window: the weeks in `facts.touched`; weeks start on Monday, UTC.
-- NULL: sums of counters that the platform showed for none of the posts.
with weeks as (
    select
        organization_id,
        channel_id,
        date_trunc('week', occurred_at)::date as week,
        count(*) filter (kind in ('post', 'release')) as post_count,
        count(*) filter (kind not in ('post', 'release', 'repost')) as reply_count,
        count(*) filter (kind = 'repost') as repost_count,
        max(occurred_at) filter (kind in ('post', 'release')) as last_post_at,
        sum(activities.like_count) filter (kind in ('post', 'release')) as like_count,
        count(activities.like_count) filter (kind in ('post', 'release')) as like_post_count,
        sum(activities.reply_count) filter (kind in ('post', 'release')) as comment_count,
        count(activities.reply_count) filter (kind in ('post', 'release')) as comment_post_count,
        sum(activities.repost_count) filter (kind in ('post', 'release')) as share_count,
        count(activities.repost_count) filter (kind in ('post', 'release')) as share_post_count,
    from raw.activities
    where
        direction = 'by_organization'
        and not is_repeated
        and occurred_at >= getvariable('touched_from')
        and occurred_at < getvariable('touched_until')
    group by all
)

select weeks.*
from weeks
semi join facts.touched
    on weeks.organization_id = touched.organization_id
    and weeks.week = touched.week
order by weeks.week, weeks.organization_id, weeks.channel_id
