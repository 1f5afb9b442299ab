-- Grain: one row per organization of the snapshot's week, by name.
-- Window and clock: the week of the snapshot.
-- NULL: never.
select
    organization_id,
    name,
from marts.organizations
where as_of_week = (select as_of_week from marts.snapshot)
order by lower(name), organization_id
