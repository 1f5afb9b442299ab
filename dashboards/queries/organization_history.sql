-- Grain: one row per measured week of one organization, oldest first.
-- Window and clock: all weeks that the snapshot holds.
-- NULL: stage and set where no estimate was made. A week without a measurement has no row.
select
    as_of_week,
    name,
    stage_code,
    set90_low,
    set90_high,
    is_abstained,
    coalesce(model_version, '') as model_version,
from marts.histories
where organization_id = $organization_id
order by as_of_week
