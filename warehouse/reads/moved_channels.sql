-- Channels on the list that are read at another address than the listed one.
select
    channels.organization_id,
    channels.channel_id,
    channels.address,
    cursors.adoption ->> 'url' as adopted_url,
    cursors.adoption ->> 'reason' as adoption_reason,
from raw.channels
join raw.cursors on channels.channel_id = cursors.channel_id
where
    channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
    and (cursors.adoption ->> 'url') <> ''
order by channels.organization_id, channels.address
