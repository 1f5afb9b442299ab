-- Grain: one row per claimed stage, observed stage and place beside the 90 % set that occurs.
-- Window and clock: the week asked for.
-- NULL: stage_code for the abstained and those without an estimate, claimed_stage_code without a
-- public claim, claim_position where claim and set were not laid beside one another.
select
    claimed_stage_code,
    case when not coalesce(is_abstained, false) then stage_code end as stage_code,
    claim_position,
    coalesce(is_abstained, false) as is_abstained,
    stage_code is not null or coalesce(is_abstained, false) as is_estimated,
    count(*) as organization_count,
    sum(channel_count)::bigint as channel_count,
    sum(readable_channel_count)::bigint as readable_channel_count,
    [
        coalesce(sum(probability_1), 0),
        coalesce(sum(probability_2), 0),
        coalesce(sum(probability_3), 0),
        coalesce(sum(probability_4), 0),
        coalesce(sum(probability_5), 0),
        coalesce(sum(probability_6), 0)
    ] as expected_counts,
from (
    @selected
)
group by all
order by claimed_stage_code, stage_code, claim_position, is_abstained, is_estimated
