select
    channels.channel_id,
    channels.organization_id,
    channels.source,
    channels.address,
    channels.role,
    channels.function,
    channels.region,
    channels.evidence,
    channels.first_listed_at,
    channels.last_listed_at,
    cursors.last_attempt_at,
    cursors.last_seen_at,
    cursors.last_outcome,
    cursors.last_error,
    cursors.not_before,
    cursors.next_due_at,
    (cursors.rhythm ->> 'interval_seconds')::double / 3600 as interval_hours,
    coalesce((cursors.rhythm ->> 'is_lossy')::boolean, false) as is_lossy,
    coalesce(cursors.adoption ->> 'url', '') as adopted_url,
    coalesce(cursors.adoption ->> 'reason', '') as adoption_reason,
from raw.channels
left join raw.cursors on channels.channel_id = cursors.channel_id
order by channels.channel_id
