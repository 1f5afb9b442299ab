-- Grain: one row per organization of the snapshot's week, in the order asked for.
-- Window and clock: the week of the snapshot; signals over their own windows.
-- NULL: unknown or not seen, never 0; unknown values stand last in either direction.
with organizations as (
    select *
    from marts.organizations
    where
        as_of_week = (select as_of_week from marts.snapshot)
        and ($industry = '' or industry = $industry)
        and ($size = '' or size_class = $size)
        and ($country = '' or country = $country)
),

keyed as (
    select
        *,
        case $sort
            when 'name' then row_number() over (order by lower(name), organization_id)
            when 'industry' then dense_rank() over (order by lower(nullif(industry, '')))
            when 'size'
                then list_position(['1-9', '10-49', '50-249', '250-999', '1000+'], size_class)
            when 'channels' then readable_channel_count
            when 'coverage' then coverage_share
            when 'posts' then posts_per_week
            when 'stage' then stage_code
            when 'claim' then claimed_stage_code
            when 'position' then list_position(['below', 'within', 'above'], claim_position)
        end as sort_key,
    from organizations
)

select
    organization_id,
    name,
    industry,
    size_class,
    country,
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
from keyed
order by
    case when $is_descending then -sort_key else sort_key end nulls last,
    lower(name),
    organization_id
limit $row_limit
offset $row_offset
