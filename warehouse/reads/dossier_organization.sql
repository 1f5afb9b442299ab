-- What the list says of one organization.
select
    organization_id,
    name,
    industry,
    size_class,
    country,
    timezone,
    homepage,
    groups,
    first_listed_at,
    last_listed_at,
from raw.organizations
where organization_id = $organization_id
