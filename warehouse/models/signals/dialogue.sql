-- reply_rate_72h, question_reply_rate_72h, response_hours_median: does an organization answer?
-- Counted is what outsiders said to it in the window (for the median: what they asked), in threads
-- that are known whole; what was found only because it was answered is no base for a rate.
-- A rate counts what could be watched for 72 hours. The median is Kaplan and Meier's (1958): what
-- was not answered yet counts as answered later than `observed_until`; its interval is where the
-- 95 % band of the curve (Greenwood's variance, log-log scale) crosses one half (Brookmeyer and
-- Crowley 1982).
-- Window: the 13 full weeks up to `as_of_week`, by the time of what was said; times UTC.
-- NULL: absent = no channel that could show it; unobserved = none of them was read; undefined =
-- under 20 acts for a rate, under 5 for the median, or over half unanswered for as long as watched.
with dialogue_channels as (
    select
        channels.channel_id,
        channels.organization_id,
    from staging.channels
    join staging.sources on channels.source = sources.source
    where sources.may_derive and sources.shows_dialogue
),

watched as (
    select
        dialogue_channels.organization_id,
        count(*) filter (coverage.state in ('covered', 'empty')) / count(*) as coverage_share,
        bool_or(coverage.state in ('covered', 'empty')) as is_read,
    from dialogue_channels
    join staging.coverage on dialogue_channels.channel_id = coverage.channel_id
    where
        coverage.day >= getvariable('as_of_week') - 12 * 7
        and coverage.day < getvariable('as_of_week') + 7
    group by dialogue_channels.organization_id
),

inbound as (
    select
        *,
        epoch(coalesce(answered_at, observed_until) - occurred_at) / 3600 as watched_hours,
        answered_at is not null as is_answered,
        coalesce(answered_at <= occurred_at + interval 72 hour, false) as is_answered_in_time,
        observed_until >= occurred_at + interval 72 hour as is_watched_long,
    from rollups.conversations
    where
        found_through <> 'answer'
        and observed_until is not null
        and occurred_at >= getvariable('as_of_week') - 12 * 7
        and occurred_at < getvariable('as_of_week') + 7
),

rates as (
    select
        organization_id,
        'reply_rate_72h' as signal_code,
        count(*) filter (is_answered_in_time) as numerator,
        count(*) as denominator,
    from inbound
    where is_watched_long
    group by organization_id
    union all by name
    select
        organization_id,
        'question_reply_rate_72h' as signal_code,
        count(*) filter (is_answered_in_time) as numerator,
        count(*) as denominator,
    from inbound
    where is_watched_long and is_question
    group by organization_id
),

steps as (
    select
        organization_id,
        watched_hours,
        count(*) filter (is_answered) as answered,
        count(*) as leaving,
    from inbound
    where is_question
    group by organization_id, watched_hours
),

risks as (
    select
        *,
        sum(leaving) over (
            partition by organization_id order by watched_hours desc
            rows between unbounded preceding and current row
        ) as at_risk,
    from steps
),

factors as (
    select
        organization_id,
        watched_hours,
        sum(ln(nullif(1 - answered / at_risk, 0))) over curve as log_open,
        bool_or(answered = at_risk) over curve as is_all_answered,
        sum(answered / nullif(at_risk * (at_risk - answered), 0)) over curve as greenwood,
    from risks
    where answered > 0
    window curve as (
        partition by organization_id order by watched_hours
        rows between unbounded preceding and current row
    )
),

curves as (
    select
        *,
        case when is_all_answered then 0 else exp(log_open) end as open_share,
        -- the band of S is S ^ exp(∓ z se / ln S): at one half where ln S reaches this
        1.959963984540054 * sqrt(greenwood) / nullif(abs(log_open), 0) as spread,
    from factors
),

medians as (
    select
        organization_id,
        -- 1e-9: the curve is made with logarithms
        min(watched_hours) filter (open_share <= 0.5 + 1e-9) as value,
        min(watched_hours) filter (
            is_all_answered or exp(log_open * exp(spread)) <= 0.5
        ) as lower,
        min(watched_hours) filter (
            not is_all_answered and exp(log_open * exp(-spread)) <= 0.5
        ) as upper,
    from curves
    group by organization_id
),

counts as (
    select
        organization_id,
        count(*) filter (is_answered) as numerator,
        count(*) as denominator,
    from inbound
    where is_question
    group by organization_id
),

measured as (
    select
        organization_id,
        signal_code,
        case when denominator >= 20 then numerator / denominator end as value,
        numerator,
        denominator,
        statistics.wilson_lower(numerator, denominator) as lower,
        statistics.wilson_upper(numerator, denominator) as upper,
    from rates
    union all by name
    select
        counts.organization_id,
        'response_hours_median' as signal_code,
        case when counts.denominator >= 5 then medians.value end as value,
        counts.numerator,
        counts.denominator,
        medians.lower,
        medians.upper,
    from counts
    left join medians on counts.organization_id = medians.organization_id
),

codes as (
    select unnest(['reply_rate_72h', 'question_reply_rate_72h', 'response_hours_median'])
        as signal_code
)

select
    organizations.organization_id,
    13 as window_weeks,
    codes.signal_code,
    measured.value,
    measured.numerator,
    measured.denominator,
    coalesce(measured.denominator, 0)::bigint as n,
    measured.lower,
    measured.upper,
    watched.coverage_share,
    case
        when watched.organization_id is null then 'absent'
        when not watched.is_read then 'unobserved'
        when measured.value is null then 'undefined'
        else ''
    end as missing_reason,
    'dialogue-1' as method_version,
from staging.organizations
cross join codes
left join watched on organizations.organization_id = watched.organization_id
left join measured
    on organizations.organization_id = measured.organization_id
    and codes.signal_code = measured.signal_code
