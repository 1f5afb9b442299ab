-- Grain: one row per kind and stage: members of the group of peers, observed and claimed stages.
-- Window and clock: the week of the snapshot. The organization itself is left out.
-- NULL: stage_code is NULL for members and for the abstained. Claims that are private are not in
-- the snapshot, and not counted.
with peers as (
    select *
    from marts.organizations
    where
        as_of_week = (select as_of_week from marts.snapshot)
        and organization_id <> $organization_id
        and ($industry = '' or industry = $industry)
        and ($size = '' or size_class = $size)
)

select
    'member' as kind,
    null::integer as stage_code,
    count(*) as organization_count,
from peers
union all
select
    'observed',
    case when not coalesce(is_abstained, false) then stage_code end as shown_code,
    count(*),
from peers
where stage_code is not null or is_abstained
group by shown_code
union all
select
    'claimed',
    claimed_stage_code,
    count(*),
from peers
where claimed_stage_code is not null
group by claimed_stage_code
order by kind, stage_code nulls first
