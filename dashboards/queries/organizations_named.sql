-- Grain: one row per organization asked for that was measured in the week asked for, by identifier.
-- Window and clock: one week; signals over their own windows.
-- NULL: unknown or not seen, never 0.
select
    organization_id,
    name,
    industry,
    size_class,
    country,
    sources,
    groups,
    as_of_week,
    channel_count,
    readable_channel_count,
    coverage_share,
    posts_per_week,
    active_weeks_share,
    burstiness,
    weekend_share,
    office_hours_share,
    dormant_share,
    days_since_last_post,
    stage_code,
    stage_label,
    set80_low,
    set80_high,
    set90_low,
    set90_high,
    probability_1,
    probability_2,
    probability_3,
    probability_4,
    probability_5,
    probability_6,
    is_abstained,
    abstention_reason,
    abstention_text,
    model_version,
    claimed_stage_code,
    claimed_on,
    claim_instrument,
    claim_position,
    coalesce(homepage, '') as homepage,
    coalesce(saw_claim, false) as saw_claim,
from marts.organizations
where
    as_of_week = $week::date
    and organization_id in (select unnest($organization_ids::varchar[]))
order by organization_id
