select
    organization_id,
    name,
    industry,
    size_class,
    country,
    timezone,
    homepage,
    groups,
    listed_by,
    first_listed_at,
    last_listed_at,
from raw.organizations
