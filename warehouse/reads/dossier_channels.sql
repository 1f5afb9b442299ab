-- The channels that are taken for one organization's, and what that rests on.
select
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
from raw.channels
left join raw.cursors on channels.channel_id = cursors.channel_id
where channels.organization_id = $organization_id
order by channels.source, channels.address
