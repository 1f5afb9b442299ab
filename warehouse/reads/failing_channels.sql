-- Channels on the list that the last attempt did not see, and why.
select
    channels.organization_id,
    channels.channel_id,
    channels.address,
    cursors.last_outcome,
    cursors.last_error,
    cursors.last_attempt_at,
    cursors.last_seen_at,
    cursors.failure_count,
    cursors.not_before,
from raw.channels
join raw.cursors on channels.channel_id = cursors.channel_id
where
    channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
    and cursors.last_outcome not in ('ok', 'not_modified', 'unchanged')
order by channels.organization_id, channels.address
