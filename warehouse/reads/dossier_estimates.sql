-- The estimates of one organization's stage, the latest first.
select
    as_of_week,
    stage_code,
    stage_label,
    probability_1,
    probability_2,
    probability_3,
    probability_4,
    probability_5,
    probability_6,
    set80_low,
    set80_high,
    set90_low,
    set90_high,
    is_abstained,
    abstention_reason,
    abstention_text,
    model_version,
from estimates.stages
where organization_id = $organization_id
order by as_of_week desc
