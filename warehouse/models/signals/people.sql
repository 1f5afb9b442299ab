-- functions_in_dialogue: how many different functions of an organization answer in public: those
-- of the channels from which it replied. Channels are counted, never persons.
-- n is the number of its replies; where it was silent, none of its functions is in dialogue.
-- Window: the 13 full weeks up to `as_of_week`, by the time of the reply; UTC.
-- NULL: absent = no channel that shows dialogue; unobserved = none of them was read; undefined =
-- the list gives the function of none of them. A reply is what the organization or its staff says
-- that is neither post nor release nor repost.
with days as (
    select
        channel_id,
        sum(seen_day_count) as seen_day_count,
        count(*) * 7 as day_count,
    from rollups.coverage_weeks
    where is_dialogue and week > getvariable('as_of_week') - 13 * 7
    group by channel_id
),

replies as (
    select
        channel_id,
        sum(reply_count) as reply_count,
    from facts.channel_weeks
    where
        week > getvariable('as_of_week') - 13 * 7
        and week <= getvariable('as_of_week')
        and reply_count > 0
    group by channel_id
),

totals as (
    select
        channels.organization_id,
        sum(days.seen_day_count) / sum(days.day_count) as coverage_share,
        sum(days.seen_day_count) > 0 as is_read,
        count(*) filter (channels.function <> '') > 0 as is_function_known,
        coalesce(sum(replies.reply_count), 0) as reply_count,
        count(distinct channels.function) filter (
            channels.function <> '' and replies.reply_count > 0
        ) as function_count,
    from staging.channels
    join days on channels.channel_id = days.channel_id
    left join replies on channels.channel_id = replies.channel_id
    group by channels.organization_id
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
