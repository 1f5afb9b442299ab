-- Grain: one row per organization of the week asked for, in the order asked for.
-- Window and clock: one week; signals over their own windows.
-- NULL: unknown or not seen, never 0; unknown values stand last in either direction.
with listed as (
    select
        organization_id,
        as_of_week,
        lower(name) as lower_name,
        case $sort
            when 'name' then lower(name)
            when 'industry' then lower(nullif(industry, ''))
        end as text_key,
        case $sort
            when 'size'
                then list_position(['1-9', '10-49', '50-249', '250-999', '1000+'], size_class)
            when 'channels' then readable_channel_count
            when 'coverage' then coverage_share
            when 'posts' then posts_per_week
            when 'stage' then stage_code
            when 'claim' then claimed_stage_code
            when 'position' then list_position(['below', 'within', 'above'], claim_position)
        end as number_key,
    from (
        @selected
    )
    where
        ($search = '' or contains(lower(name), lower($search)))
        and ($claimed = 0 or claimed_stage_code = $claimed)
        and (
            $observed = 0
            or (stage_code = $observed and not coalesce(is_abstained, false))
        )
),

page as (
    select *
    from listed
    order by
        case when not $is_descending then text_key end nulls last,
        case when $is_descending then text_key end desc nulls last,
        case when $is_descending then -number_key else number_key end nulls last,
        lower_name,
        organization_id
    limit $row_limit
    offset $row_offset
)

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
from marts.organizations
inner join page using (organization_id, as_of_week)
order by
    case when not $is_descending then page.text_key end nulls last,
    case when $is_descending then page.text_key end desc nulls last,
    case when $is_descending then -page.number_key else page.number_key end nulls last,
    page.lower_name,
    organization_id
