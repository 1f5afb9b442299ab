-- Channels on the list that show so few entries that some have probably been missed lately.
select
    channels.organization_id,
    channels.channel_id,
    channels.address,
    (cursors.rhythm ->> 'interval_seconds')::double / 3600 as interval_hours,
from raw.channels
join raw.cursors on channels.channel_id = cursors.channel_id
where
    channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
    and (cursors.rhythm ->> 'is_lossy')::boolean
order by channels.organization_id, channels.address
