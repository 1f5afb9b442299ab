-- functions_in_dialogue: how many different functions of an organization answer in public: those
-- of the channels from which it replied. Channels are counted, never persons.
-- n is the number of its replies; where it was silent, none of its functions is in dialogue.
-- Window: the 13 full weeks up to `as_of_week`, by the time of the reply; UTC.
-- NULL: absent = no channel that shows dialogue; unobserved = none of them was read; undefined =
-- the list gives the function of none of them. A reply is what the organization or its staff says
-- that is neither post nor release nor repost.
with replies as (
    select
        channel_key,
        sum(reply_count) as reply_count,
    from facts.channel_weeks
    where
        week > getvariable('as_of_week') - 13 * 7
        and week <= getvariable('as_of_week')
        and reply_count > 0
    group by channel_key
),

totals as (
    select
        coverage.organization_id,
        sum(coverage.late_day_count) / sum(coverage.half_day_count) as coverage_share,
        sum(coverage.late_day_count) > 0 as is_read,
        count(*) filter (coverage.function <> '') > 0 as is_function_known,
        coalesce(sum(replies.reply_count), 0) as reply_count,
        count(distinct coverage.function) filter (
            coverage.function <> '' and replies.reply_count > 0
        ) as function_count,
    from rollups.coverage
    left join replies on coverage.channel_key = replies.channel_key
    where coverage.is_dialogue
    group by coverage.organization_id
),

judged as (
    select
        organizations.organization_id,
        totals.* exclude (organization_id),
        case
            when totals.organization_id is null then 'absent'
            when not totals.is_read then 'unobserved'
            when not totals.is_function_known then 'undefined'
            else ''
        end as missing_reason,
    from staging.organizations
    left join totals on organizations.organization_id = totals.organization_id
)

select
    organization_id,
    13 as window_weeks,
    'functions_in_dialogue' as signal_code,
    case when missing_reason = '' then function_count end as value,
    value as numerator,
    null as denominator,
    coalesce(reply_count, 0) as n,
    null as lower,
    null as upper,
    coverage_share,
    false as is_pooled,
    missing_reason,
    'people-1' as method_version,
from judged
