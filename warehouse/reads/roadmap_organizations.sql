-- One row per listed organization: whose peers it may be.
-- NULL: never; '' = not given.
select
    organization_id,
    name,
    industry,
    size_class,
from raw.organizations
where last_listed_at = (select max(last_listed_at) from raw.organizations)
order by organization_id
