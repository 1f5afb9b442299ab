-- The estimate of $organization_id for the week $week (NULL: its latest), with what is listed of it.
-- NULL: as in estimates.stages.
select
    stages.*,
    organizations.name,
    organizations.industry,
    organizations.size_class,
    organizations.country,
from estimates.stages
join raw.organizations on stages.organization_id = organizations.organization_id
where
    stages.organization_id = $organization_id
    and coalesce(stages.as_of_week = $week::date, true)
order by stages.as_of_week desc
limit 1
