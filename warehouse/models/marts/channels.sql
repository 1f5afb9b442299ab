-- One row per channel on the list, with how it was last read.
-- Window: everything known.
-- NULL: last_attempt_at before the first attempt, last_seen_at before the first success.
with activities as (
    select
        channel_id,
        count(*) filter (not is_repeated) as activity_count,
    from raw.activities
    group by channel_id
),

overflows as (
    select
        channel_id,
        bool_or(is_overflow and not is_continued) as is_lossy,
    from raw.listings
    group by channel_id
)

select
    channels.organization_id,
    channels.channel_id,
    channels.source,
    channels.address,
    channels.role,
    channels.function,
    cursors.last_attempt_at,
    cursors.last_seen_at,
    coalesce(cursors.last_outcome, '') as last_outcome,
    coalesce(cursors.last_error, '') as last_error,
    coalesce(activities.activity_count, 0) as activity_count,
    coalesce(overflows.is_lossy, false) as is_lossy,
from staging.channels
left join raw.cursors on channels.channel_id = cursors.channel_id
left join activities on channels.channel_id = activities.channel_id
left join overflows on channels.channel_id = overflows.channel_id
order by channels.organization_id, channels.channel_id
