-- reply_rate_1h, _24h, _72h and _7d, question_reply_rate_72h, response_hours_median: does an
-- organization answer, and how fast?
-- Counted is what outsiders said to it in the window (for the question rate and the median: what
-- they asked), in threads that are known whole; what was found only because it was answered is no
-- base for a rate. A rate counts what could be watched for as long as it speaks of. The median is
-- Kaplan and Meier's (1958): what was not answered yet counts as answered later than
-- `observed_until`; its interval is where the 95 % band of the curve (Greenwood's variance,
-- log-log scale) crosses one half (Brookmeyer and Crowley 1982).
-- Window: the 13 full weeks up to `as_of_week`, by the time of what was said; times UTC.
-- NULL: absent = no channel that could show it; unobserved = none of them was read; undefined =
-- nothing watched for long enough, or under 20 and no peers to draw the rate towards; for the
-- median under 5 questions, or over half unanswered for as long as watched.
with watched as (
    select
        organization_key,
        sum(late_day_count) / sum(half_day_count) as coverage_share,
        sum(late_day_count) > 0 as is_read,
    from rollups.coverage
    where is_dialogue
    group by organization_key
),

tallies as (
    select
        organization_key,
        count(*) filter (watched_us >= 3_600_000_000) as count_1h,
        count(*) filter (watched_us >= 3_600_000_000 and waited_us <= 3_600_000_000)
            as answered_1h,
        count(*) filter (watched_us >= 86_400_000_000) as count_24h,
        count(*) filter (watched_us >= 86_400_000_000 and waited_us <= 86_400_000_000)
            as answered_24h,
        count(*) filter (watched_us >= 259_200_000_000) as count_72h,
        count(*) filter (watched_us >= 259_200_000_000 and waited_us <= 259_200_000_000)
            as answered_72h,
        count(*) filter (watched_us >= 604_800_000_000) as count_7d,
        count(*) filter (watched_us >= 604_800_000_000 and waited_us <= 604_800_000_000)
            as answered_7d,
        count(*) filter (is_question and watched_us >= 259_200_000_000) as question_count_72h,
        count(*) filter (
            is_question and watched_us >= 259_200_000_000 and waited_us <= 259_200_000_000
        ) as question_answered_72h,
        count(*) filter (is_question) as question_count,
        count(*) filter (is_question and waited_us is not null) as question_answered,
    from rollups.waits
    where is_late
    group by organization_key
),

counts as (
    select
        organization_key,
        unnest(
            [
                {'signal_code': 'reply_rate_1h', 'numerator': answered_1h, 'denominator': count_1h},
                {
                    'signal_code': 'reply_rate_24h',
                    'numerator': answered_24h,
                    'denominator': count_24h,
                },
                {
                    'signal_code': 'reply_rate_72h',
                    'numerator': answered_72h,
                    'denominator': count_72h,
                },
                {'signal_code': 'reply_rate_7d', 'numerator': answered_7d, 'denominator': count_7d},
                {
                    'signal_code': 'question_reply_rate_72h',
                    'numerator': question_answered_72h,
                    'denominator': question_count_72h,
                },
                {
                    'signal_code': 'response_hours_median',
                    'numerator': question_answered,
                    'denominator': question_count,
                },
            ],
            max_depth := 2
        ),
    from tallies
),

durations as (
    select
        organization_key as subject,
        coalesce(waited_us, watched_us) as duration_us,
        waited_us is not null as is_ended,
    from rollups.waits
    where is_late and is_question
),

medians as (
    from statistics.kaplan_meier('durations')
),

measured as (
    select
        organization_key,
        signal_code,
        true as is_rate,
        case when denominator >= 20 then numerator / denominator end as value,
        numerator,
        denominator,
        statistics.wilson_lower(numerator, denominator) as lower,
        statistics.wilson_upper(numerator, denominator) as upper,
    from counts
    where signal_code <> 'response_hours_median'
    union all by name
    select
        counts.organization_key,
        counts.signal_code,
        false as is_rate,
        case when counts.denominator >= 5 then medians.median_hours end as value,
        counts.numerator,
        counts.denominator,
        medians.lower_hours as lower,
        medians.upper_hours as upper,
    from counts
    left join medians on counts.organization_key = medians.subject
    where counts.signal_code = 'response_hours_median'
),

codes as (
    select unnest([
        'reply_rate_1h',
        'reply_rate_24h',
        'reply_rate_72h',
        'reply_rate_7d',
        'question_reply_rate_72h',
        'response_hours_median',
    ]) as signal_code
)

select
    organizations.organization_id,
    13 as window_weeks,
    codes.signal_code,
    case when watched.is_read then measured.value end as value,
    measured.numerator,
    measured.denominator,
    coalesce(measured.denominator, 0)::bigint as n,
    measured.lower,
    measured.upper,
    watched.coverage_share,
    coalesce(watched.is_read and measured.is_rate and measured.denominator < 20, false)
        as is_pooled,
    case
        when watched.organization_key is null then 'absent'
        when not watched.is_read then 'unobserved'
        when measured.value is null and not coalesce(measured.is_rate, false) then 'undefined'
        else ''
    end as missing_reason,
    'dialogue-2' as method_version,
from staging.organizations
cross join codes
left join watched on organizations.organization_key = watched.organization_key
left join measured
    on organizations.organization_key = measured.organization_key
    and codes.signal_code = measured.signal_code
    and measured.denominator > 0
