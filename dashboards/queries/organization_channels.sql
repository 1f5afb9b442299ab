-- Grain: one row per listed channel of one organization.
-- Window and clock: everything known at the snapshot; times naive UTC.
-- NULL: last_seen_at before the first success.
select
    source,
    address,
    role,
    function,
    last_seen_at,
    last_outcome,
    activity_count,
    is_lossy,
from marts.channels
where organization_id = $organization_id
order by source, address
