-- likes_per_post, comments_per_post, shares_per_post, engagement_rate: what posts set off, as the
-- platforms count it at our last look.
-- The first three are means: a counter's sum over the posts whose counter is shown (Kaushik's
-- applause, conversation and amplification rates). The engagement rate of a post is its likes,
-- comments and shares over the followers of its channel, at the latest look at the profile; only
-- posts that show all three counters have one, so that it means the same everywhere. Its value is
-- the median of the posts, its interval that of order statistics, as for posts_per_week.
-- Window: the 13 full weeks up to `as_of_week`, channels in which the organization publishes; the
-- look at the profile may also be later, but before `as_of`; times UTC.
-- NULL: absent = no channel; unobserved = no channel was read, or no follower count is known;
-- undefined = no post that shows the counters. No interval for the means.
with watched as (
    select
        organization_key,
        sum(late_day_count) / sum(half_day_count) as coverage_share,
        sum(late_day_count) > 0 as is_read,
    from rollups.coverage
    where is_publishing
    group by organization_key
),

channels as (
    from staging.channels
    where is_publishing
),

counted as (
    select
        weeks.organization_key,
        sum(weeks.like_count) as like_count,
        sum(weeks.like_post_count) as like_post_count,
        sum(weeks.comment_count) as comment_count,
        sum(weeks.comment_post_count) as comment_post_count,
        sum(weeks.share_count) as share_count,
        sum(weeks.share_post_count) as share_post_count,
    from facts.channel_weeks as weeks
    semi join channels on weeks.channel_key = channels.channel_key
    where
        weeks.week > getvariable('as_of_week') - 13 * 7
        and weeks.week <= getvariable('as_of_week')
    group by weeks.organization_key
),

followers as (
    select
        hash(channel_id) as channel_key,
        arg_max(follower_count, (observed_at, page_id)) as follower_count,
    from raw.presences
    where
        follower_count is not null
        and observed_at >= getvariable('as_of_week') - 12 * 7
        and observed_at < getvariable('as_of')
    group by channel_id
),

posts as (
    select
        acts.organization_key,
        (acts.like_count + acts.reply_count + acts.repost_count)
            / nullif(followers.follower_count, 0) as rate,
    from facts.acts
    semi join channels on acts.channel_key = channels.channel_key
    left join followers on acts.channel_key = followers.channel_key
    where
        acts.week > getvariable('as_of_week') - 13 * 7
        and acts.week <= getvariable('as_of_week')
        and acts.direction = 'by_organization'
        and acts.kind = 'post'
        and acts.like_count is not null
        and acts.reply_count is not null
        and acts.repost_count is not null
),

sorted as (
    select
        organization_key,
        count(rate) as n,
        list_sort(list(rate) filter (rate is not null)) as rates,
    from posts
    group by organization_key
),

rated as (
    select
        *,
        (rates[(n + 1) // 2] + rates[n // 2 + 1]) / 2 as value,
        greatest(1, round((n - 1.96 * sqrt(n)) / 2)::integer) as lower_rank,
    from sorted
),

shown as (
    select
        organization_key,
        unnest(
            [
                {'signal_code': 'likes_per_post', 'total': like_count, 'n': like_post_count},
                {
                    'signal_code': 'comments_per_post',
                    'total': comment_count,
                    'n': comment_post_count,
                },
                {'signal_code': 'shares_per_post', 'total': share_count, 'n': share_post_count},
            ],
            max_depth := 2
        ),
    from counted
),

measured as (
    select
        organization_key,
        signal_code,
        total / n as value,
        total as numerator,
        n as denominator,
        n,
        'undefined' as reason,
    from shown
    where n > 0
    union all by name
    select
        organization_key,
        'engagement_rate' as signal_code,
        n,
        value,
        rates[lower_rank] as lower,
        rates[n - lower_rank + 1] as upper,
        'unobserved' as reason,
    from rated
),

codes as (
    select unnest(['likes_per_post', 'comments_per_post', 'shares_per_post', 'engagement_rate'])
        as signal_code
)

select
    organizations.organization_id,
    13 as window_weeks,
    codes.signal_code,
    case when watched.is_read then measured.value end as value,
    measured.numerator,
    measured.denominator,
    coalesce(measured.n, 0)::bigint as n,
    measured.lower,
    measured.upper,
    watched.coverage_share,
    false as is_pooled,
    case
        when watched.organization_key is null then 'absent'
        when not watched.is_read then 'unobserved'
        when measured.value is null then coalesce(measured.reason, 'undefined')
        else ''
    end as missing_reason,
    'reactions-1' as method_version,
from staging.organizations
cross join codes
left join watched on organizations.organization_key = watched.organization_key
left join measured
    on organizations.organization_key = measured.organization_key
    and codes.signal_code = measured.signal_code
