-- One row per listed organization and measured week: attributes, estimate, claim, wide signals.
-- Window: 13 full weeks up to as_of_week for coverage.
-- NULL: not measured, not estimated, or no claim.
with channels as (
    select
        organization_id,
        count(*) as channel_count,
    from staging.channels
    group by organization_id
),

readable as (
    select
        organization_id,
        count(distinct channel_id) as readable_channel_count,
    from staging.coverage
    where
        state in ('covered', 'empty')
        and day >= getvariable('as_of_week') - 12 * 7
    group by organization_id
),

wide as (
    select
        organization_id,
        as_of_week,
        max(coverage_share) filter (signal_code = 'posts_per_week') as coverage_share,
        max(value) filter (signal_code = 'posts_per_week') as posts_per_week,
        max(value) filter (signal_code = 'active_weeks_share') as active_weeks_share,
        max(value) filter (signal_code = 'burstiness') as burstiness,
        max(value) filter (signal_code = 'weekend_share') as weekend_share,
        max(value) filter (signal_code = 'office_hours_share') as office_hours_share,
        max(value) filter (signal_code = 'dormant_share') as dormant_share,
        max(value) filter (signal_code = 'days_since_last_post') as days_since_last_post,
        max(value) filter (signal_code = 'reply_rate_72h') as reply_rate_72h,
        max(value) filter (signal_code = 'question_reply_rate_72h') as question_reply_rate_72h,
        max(value) filter (signal_code = 'response_hours_median') as response_hours_median,
    from signals.measurements
    group by all
),

claims as (
    select
        organization_id,
        arg_max(instrument, coalesce(claimed_on, '0001-01-01'::date)) as claim_instrument,
        arg_max(stage_code, coalesce(claimed_on, '0001-01-01'::date)) as claimed_stage_code,
        max(claimed_on) as claimed_on,
    from raw.claims
    group by organization_id
)

select
    organizations.organization_id,
    organizations.name,
    organizations.industry,
    organizations.size_class,
    organizations.country,
    organizations.homepage,
    wide.as_of_week,
    coalesce(channels.channel_count, 0) as channel_count,
    coalesce(readable.readable_channel_count, 0) as readable_channel_count,
    wide.coverage_share,
    stages.stage_code,
    stages.probability_1,
    stages.probability_2,
    stages.probability_3,
    stages.probability_4,
    stages.probability_5,
    stages.probability_6,
    stages.set80_low,
    stages.set80_high,
    stages.set90_low,
    stages.set90_high,
    stages.is_abstained,
    stages.abstention_reason,
    stages.abstention_text,
    stages.model_version,
    claims.claimed_stage_code,
    claims.claimed_on,
    claims.claim_instrument,
    nullif(gaps.claim_position, '') as claim_position,
    wide.posts_per_week,
    wide.active_weeks_share,
    wide.burstiness,
    wide.weekend_share,
    wide.office_hours_share,
    wide.dormant_share,
    wide.days_since_last_post,
    wide.reply_rate_72h,
    wide.question_reply_rate_72h,
    wide.response_hours_median,
from staging.organizations
join wide on organizations.organization_id = wide.organization_id
left join channels on organizations.organization_id = channels.organization_id
left join readable on organizations.organization_id = readable.organization_id
left join estimates.stages
    on organizations.organization_id = stages.organization_id
    and wide.as_of_week = stages.as_of_week
left join claims on organizations.organization_id = claims.organization_id
left join estimates.gaps
    on organizations.organization_id = gaps.organization_id
    and wide.as_of_week = gaps.as_of_week
