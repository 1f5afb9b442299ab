-- Grain: one row per claimed stage and place beside the 90 % set that occurs.
-- Window and clock: the week of the snapshot.
-- NULL: never; claims that were not laid beside a set are left out.
select
    claimed_stage_code,
    claim_position,
    count(*) as organization_count,
from marts.organizations
where
    as_of_week = (select as_of_week from marts.snapshot)
    and claimed_stage_code is not null
    and claim_position is not null
    and ($industry = '' or industry = $industry)
    and ($size = '' or size_class = $size)
    and ($country = '' or country = $country)
group by all
order by claimed_stage_code, claim_position
