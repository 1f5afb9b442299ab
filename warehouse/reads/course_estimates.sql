-- One row per week in which $organization_id was measured or estimated, oldest first. `gap` tells
-- why a week names no stage: not estimated; another model (than the one that estimated last: what
-- differs between models is no change of the organization); abstained; '' = it names one.
-- NULL: as in estimates.stages; all of it where gap is 'not estimated'.
with measured as (
    select distinct as_of_week
    from signals.measurements
    where organization_id = $organization_id
),

stages as (
    from estimates.stages
    where organization_id = $organization_id
),

latest as (
    select arg_max(model_version, (estimated_at, as_of_week)) as model_version
    from stages
)

select
    coalesce(stages.as_of_week, measured.as_of_week) as as_of_week,
    stages.* exclude (organization_id, as_of_week, estimated_at),
    case
        when stages.as_of_week is null then 'not estimated'
        when stages.model_version <> latest.model_version then 'another model'
        when stages.is_abstained or stages.stage_code is null then 'abstained'
        else ''
    end as gap,
from measured
full join stages on measured.as_of_week = stages.as_of_week
cross join latest
order by as_of_week
