-- Grain: one row per organization whose claim lies outside its 90 % set.
-- Window and clock: the week asked for.
-- NULL: stage_code where the estimate abstains from a single stage.
select
    organization_id,
    name,
    industry,
    size_class,
    claimed_stage_code,
    claimed_on,
    claim_position,
    case when not coalesce(is_abstained, false) then stage_code end as stage_code,
    set90_low,
    set90_high,
from (
    @selected
)
where claim_position in ('above', 'below')
order by claim_position, name
