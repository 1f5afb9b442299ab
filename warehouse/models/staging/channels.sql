-- One row per channel on the current list.
-- Window: none; the list as last given.
-- NULL: never; '' = not given.
select
    channel_id,
    organization_id,
    source,
    address,
    role,
    function,
    region,
from raw.channels
where last_listed_at = (select max(last_listed_at) from raw.organizations)
