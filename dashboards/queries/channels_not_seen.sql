-- Grain: one row per channel whose last attempt did not show what it holds; the one that was not
-- seen for the longest first, those never seen before all.
-- Window and clock: the last attempt at each channel; naive UTC. At most row_limit rows.
-- NULL: name of an organization that was not measured in the week of the snapshot, last_seen_at
-- of a channel that was never seen.
select
    channels.organization_id,
    organizations.name,
    channels.source,
    channels.address,
    channels.last_outcome,
    channels.last_error,
    channels.last_attempt_at,
    channels.last_seen_at,
    count(*) over () as total_count,
from marts.channels as channels
left join marts.organizations as organizations
    on channels.organization_id = organizations.organization_id
    and organizations.as_of_week = (select as_of_week from marts.snapshot)
where channels.last_outcome not in ('', 'ok', 'not_modified', 'unchanged')
order by channels.last_seen_at nulls first, channels.organization_id, channels.channel_id
limit $row_limit
