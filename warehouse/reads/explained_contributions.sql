-- The parts of the log-odds of $organization_id in the week $as_of_week, in their order.
-- NULL: seen_share of a part that is no family.
select * exclude (organization_id, as_of_week)
from estimates.contributions
where organization_id = $organization_id and as_of_week = $as_of_week
order by part_order
