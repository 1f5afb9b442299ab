-- Without addresses that an error may hold.
select
    channels.channel_id,
    channels.organization_id,
    channels.source,
    channels.address,
    channels.role,
    channels.function,
    channels.region,
    channels.evidence,
    channels.listed_by,
    channels.first_listed_at,
    channels.last_listed_at,
    cursors.last_attempt_at,
    cursors.last_seen_at,
    cursors.last_outcome,
from raw.channels
left join raw.cursors on channels.channel_id = cursors.channel_id
