-- One row per listed organization and measured week: attributes, estimate, claim, wide signals.
-- Window: 13 full weeks up to as_of_week for coverage.
-- NULL: not measured, drawn towards its peers for want of own evidence, of too few persons, not
-- estimated, or no claim that is public.
with channels as (
    select
        organization_id,
        count(*) as channel_count,
        list_sort(list(distinct source)) as sources,
    from staging.channels
    group by organization_id
),

readable as (
    select
        organization_id,
        count(*) filter (late_day_count > 0) as readable_channel_count,
    from rollups.coverage
    group by organization_id
),

wide as (
    select
        organization_id,
        as_of_week,
        max(coverage_share) filter (signal_code = 'posts_per_week') as coverage_share,
        max(value) filter (signal_code = 'active_platforms' and not is_pooled)
            as active_platforms,
        max(value) filter (signal_code = 'official_channels' and not is_pooled)
            as official_channels,
        max(value) filter (signal_code = 'functional_channel_share' and not is_pooled)
            as functional_channel_share,
        max(value) filter (signal_code = 'profile_complete_share' and not is_pooled)
            as profile_complete_share,
        max(value) filter (signal_code = 'verified_share' and not is_pooled)
            as verified_share,
        max(value) filter (signal_code = 'dormant_share' and not is_pooled)
            as dormant_share,
        max(value) filter (signal_code = 'days_since_last_post' and not is_pooled)
            as days_since_last_post,
        max(value) filter (signal_code = 'posts_per_week' and not is_pooled)
            as posts_per_week,
        max(value) filter (signal_code = 'active_weeks_share' and not is_pooled)
            as active_weeks_share,
        max(value) filter (signal_code = 'burstiness' and not is_pooled)
            as burstiness,
        max(value) filter (signal_code = 'reply_clock_entropy' and not is_pooled)
            as reply_clock_entropy,
        max(value) filter (signal_code = 'weekend_share' and not is_pooled)
            as weekend_share,
        max(value) filter (signal_code = 'office_hours_share' and not is_pooled)
            as office_hours_share,
        max(value) filter (signal_code = 'reply_rate_72h' and not is_pooled)
            as reply_rate_72h,
        max(value) filter (signal_code = 'question_reply_rate_72h' and not is_pooled)
            as question_reply_rate_72h,
        max(value) filter (signal_code = 'reply_rate_1h' and not is_pooled)
            as reply_rate_1h,
        max(value) filter (signal_code = 'reply_rate_24h' and not is_pooled)
            as reply_rate_24h,
        max(value) filter (signal_code = 'reply_rate_7d' and not is_pooled)
            as reply_rate_7d,
        max(value) filter (signal_code = 'response_hours_median' and not is_pooled)
            as response_hours_median,
        max(value) filter (signal_code = 'conversation_share' and not is_pooled)
            as conversation_share,
        max(value) filter (signal_code = 'deep_thread_share' and not is_pooled)
            as deep_thread_share,
        max(value) filter (signal_code = 'proactive_reply_share' and not is_pooled)
            as proactive_reply_share,
        max(value) filter (signal_code = 'comments_per_post' and not is_pooled)
            as comments_per_post,
        max(value) filter (signal_code = 'shares_per_post' and not is_pooled)
            as shares_per_post,
        max(value) filter (signal_code = 'likes_per_post' and not is_pooled)
            as likes_per_post,
        max(value) filter (signal_code = 'engagement_rate' and not is_pooled)
            as engagement_rate,
        max(value) filter (signal_code = 'participants_per_1000_followers' and not is_pooled)
            as participants_per_1000_followers,
        max(value) filter (signal_code = 'peer_answer_share' and not is_pooled)
            as peer_answer_share,
        max(value) filter (signal_code = 'top_decile_share' and not is_pooled)
            as top_decile_share,
        max(value) filter (signal_code = 'returning_participant_share' and not is_pooled)
            as returning_participant_share,
        max(value) filter (signal_code = 'campaign_sync_share' and not is_pooled)
            as campaign_sync_share,
        max(value) filter (signal_code = 'verbatim_duplicate_share' and not is_pooled)
            as verbatim_duplicate_share,
        max(value) filter (signal_code = 'functional_reply_share' and not is_pooled)
            as functional_reply_share,
        max(value) filter (signal_code = 'reply_rate_sd' and not is_pooled)
            as reply_rate_sd,
        max(value) filter (signal_code = 'functions_in_dialogue' and not is_pooled)
            as functions_in_dialogue,
    from signals.published
    group by all
),

claims as (
    select
        organization_id,
        instrument as claim_instrument,
        stage_code as claimed_stage_code,
        claimed_on,
    from raw.claims
    where is_headline and is_public
)

select
    organizations.organization_id,
    organizations.name,
    organizations.industry,
    organizations.size_class,
    organizations.country,
    organizations.homepage,
    coalesce(list_sort(registered.groups), []) as groups,
    wide.as_of_week,
    coalesce(channels.channel_count, 0) as channel_count,
    coalesce(channels.sources, []) as sources,
    coalesce(readable.readable_channel_count, 0) as readable_channel_count,
    wide.coverage_share,
    stages.stage_code,
    stages.stage_label,
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
    stages.is_out_of_fold,
    stages.saw_claim,
    claims.claimed_stage_code,
    claims.claimed_on,
    claims.claim_instrument,
    case
        when claims.claimed_stage_code is not null then nullif(gaps.claim_position, '')
    end as claim_position,
    wide.active_platforms,
    wide.official_channels,
    wide.functional_channel_share,
    wide.profile_complete_share,
    wide.verified_share,
    wide.dormant_share,
    wide.days_since_last_post,
    wide.posts_per_week,
    wide.active_weeks_share,
    wide.burstiness,
    wide.reply_clock_entropy,
    wide.weekend_share,
    wide.office_hours_share,
    wide.reply_rate_72h,
    wide.question_reply_rate_72h,
    wide.reply_rate_1h,
    wide.reply_rate_24h,
    wide.reply_rate_7d,
    wide.response_hours_median,
    wide.conversation_share,
    wide.deep_thread_share,
    wide.proactive_reply_share,
    wide.comments_per_post,
    wide.shares_per_post,
    wide.likes_per_post,
    wide.engagement_rate,
    wide.participants_per_1000_followers,
    wide.peer_answer_share,
    wide.top_decile_share,
    wide.returning_participant_share,
    wide.campaign_sync_share,
    wide.verbatim_duplicate_share,
    wide.functional_reply_share,
    wide.reply_rate_sd,
    wide.functions_in_dialogue,
from staging.organizations
join raw.organizations as registered
    on organizations.organization_id = registered.organization_id
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
order by wide.as_of_week, organizations.organization_id
