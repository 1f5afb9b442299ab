-- One row per organization on the current list.
-- Window: none; the list as last given.
-- NULL: never; '' = not given.
select
    organization_id,
    hash(organization_id) as organization_key,
    name,
    industry,
    size_class,
    country,
    timezone,
    homepage,
from raw.organizations
where last_listed_at = (select max(last_listed_at) from raw.organizations)
