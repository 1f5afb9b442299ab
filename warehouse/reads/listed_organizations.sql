-- Organizations on the list as last given.
select organization_id
from raw.organizations
where last_listed_at = (select max(last_listed_at) from raw.organizations)
