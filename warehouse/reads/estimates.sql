-- Estimates of the week $as_of_week for organizations on the list.
select stages.* exclude (as_of_week, estimated_at)
from estimates.stages
semi join staging.organizations on stages.organization_id = organizations.organization_id
where stages.as_of_week = $as_of_week
order by stages.organization_id
