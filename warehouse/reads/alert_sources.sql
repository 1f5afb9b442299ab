-- Where the listed organizations have channels: for each source, organizations and channels.
select
    source,
    organization_id,
    channel_id,
from raw.channels
where last_listed_at = (select max(last_listed_at) from raw.organizations)
order by source, organization_id, channel_id
