-- Listed organizations with the groups that they are compared in.
select
    organization_id,
    industry,
    size_class,
from staging.organizations
order by organization_id
