-- Grain: one row per pair of claimed and observed stage that occurs.
-- Window and clock: the week of the snapshot.
-- NULL: never; the abstained and those without a claim are left out.
select
    claimed_stage_code,
    stage_code,
    count(*) as organization_count,
from marts.organizations
where
    as_of_week = (select as_of_week from marts.snapshot)
    and claimed_stage_code is not null
    and stage_code is not null
    and not coalesce(is_abstained, false)
    and ($industry = '' or industry = $industry)
    and ($size = '' or size_class = $size)
    and ($country = '' or country = $country)
group by all
order by claimed_stage_code, stage_code
