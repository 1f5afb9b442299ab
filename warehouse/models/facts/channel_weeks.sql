-- One row per channel and ISO week with acts of the organization in it: how many of which kind.
-- A post is an original: a post or a release. A reply is anything else that the organization or
-- its staff says, reposts left out.
-- Window: the weeks in `facts.touched`; weeks start on Monday, UTC.
-- NULL: sums of counters that the platform showed for none of the posts.
select
    acts.organization_key,
    acts.channel_key,
    acts.week,
    count(*) filter (acts.kind = 'post') as post_count,
    count(*) filter (acts.kind not in ('post', 'repost')) as reply_count,
    count(*) filter (acts.kind = 'repost') as repost_count,
    sum(acts.like_count) as like_count,
    count(acts.like_count) as like_post_count,
    sum(acts.reply_count) as comment_count,
    count(acts.reply_count) as comment_post_count,
    sum(acts.repost_count) as share_count,
    count(acts.repost_count) as share_post_count,
from facts.acts
semi join facts.touched
    on acts.organization_key = touched.organization_key
    and acts.week = touched.week
where
    acts.direction = 'by_organization'
    and acts.week >= getvariable('touched_from')::date
    and acts.week < getvariable('touched_until')::date
group by acts.organization_key, acts.channel_key, acts.week
order by acts.week, acts.organization_key, acts.channel_key
