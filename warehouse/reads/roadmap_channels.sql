-- One row per listed channel in which $organization_id publishes: what there is to put in order.
-- Window: the 180 days before the end of the week $as_of_week for silence, as signal dormant_share
-- has it; the latest look that went into the last build for the marks of a profile.
-- NULL: is_dormant where not all of these days were seen and none has a post; marks not shown.
with channels as (
    select
        channels.channel_id,
        channels.channel_key,
        channels.source,
        channels.address,
        profiles.has_rules,
        profiles.is_linked_back,
    from staging.channels
    left join rollups.profiles on channels.channel_id = profiles.channel_id
    where channels.organization_id = $organization_id and channels.is_publishing
),

bounds as (
    select
        $as_of_week::date + 7 as window_end,
        $as_of_week::date + 7 - 180 as window_start,
),

seen as (
    select
        channels.channel_id,
        sum(
            least(seen_spans.until_day, bounds.window_end - 1)
            - greatest(seen_spans.from_day, bounds.window_start) + 1
        ) as day_count,
    from channels
    cross join bounds
    join raw.seen_spans
        on channels.channel_id = seen_spans.channel_id
        and seen_spans.from_day < bounds.window_end
        and seen_spans.until_day >= bounds.window_start
    group by channels.channel_id
),

posts as (
    select
        channels.channel_id,
        max(post_weeks.last_post_at) as last_post_at,
    from channels
    join facts.post_weeks on channels.channel_key = post_weeks.channel_key
    where post_weeks.week <= $as_of_week::date
    group by channels.channel_id
)

select
    channels.source,
    channels.address,
    case
        when posts.last_post_at >= bounds.window_start then false
        when seen.day_count = 180 then true
    end as is_dormant,
    channels.has_rules,
    channels.is_linked_back,
from channels
cross join bounds
left join seen on channels.channel_id = seen.channel_id
left join posts on channels.channel_id = posts.channel_id
order by channels.source, channels.address
