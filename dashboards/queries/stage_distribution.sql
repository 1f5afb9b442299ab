-- Grain: one row per week and observed stage; a stage that nobody has in a week has no row.
-- Window and clock: every week the snapshot holds, oldest first.
-- NULL: stage_code is NULL for the abstained. Organizations without an estimate are not counted.
select
    as_of_week,
    case when not coalesce(is_abstained, false) then stage_code end as stage_code,
    count(*) as organization_count,
from marts.organizations
where
    (stage_code is not null or is_abstained)
    and ($industry = '' or industry = $industry)
    and ($size = '' or size_class = $size)
    and ($country = '' or country = $country)
group by all
order by as_of_week, stage_code nulls first
