-- Every organization that was ever on the list, and whether it is on it now.
select
    organization_id,
    name,
    last_listed_at = (select max(last_listed_at) from raw.organizations) as is_listed,
from raw.organizations
order by organization_id
