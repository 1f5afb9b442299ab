-- burstiness: how unevenly an organization's posts follow one another, from -1 (a metronome)
-- over 0 (chance) to 1. Kim & Jo (2016), eq. for n events, r = sd / mean of the gaps.
-- Window: the 26 full weeks up to `as_of_week`; a gap counts when every week that it touches
-- is complete. Times are whole microseconds, so that their sums are exact.
-- NULL: absent = no channel; unobserved = no complete week; undefined = under 20 events.
with weeks as (
    select
        *,
        count(*) filter (not is_complete) over (
            partition by organization_key order by week
        ) as incomplete_before,
    from rollups.organization_weeks
),

totals as (
    select
        organization_key,
        sum(seen_channel_day_count) / sum(channel_day_count) as coverage_share,
        count(*) filter (is_complete) as complete_week_count,
    from weeks
    group by organization_key
),

posted as (
    select
        posted.*,
        (epoch_us(posted.first_post_at) - lag(epoch_us(posted.last_post_at)) over (
            partition by posted.organization_key, weeks.incomplete_before order by posted.week
        ))::hugeint as gap_before_us,
    from facts.organization_weeks as posted
    join weeks
        on posted.organization_key = weeks.organization_key
        and posted.week = weeks.week
    where weeks.is_complete
),

sums as (
    select
        organization_key,
        sum(post_count - 1) + count(gap_before_us) as gap_count,
        sum(gap_sum_us) + coalesce(sum(gap_before_us), 0) as gap_sum,
        sum(gap_square_sum) + coalesce(sum(gap_before_us * gap_before_us), 0) as gap_square_sum,
    from posted
    group by organization_key
),

moments as (
    select
        organization_key,
        gap_count + 1 as event_count,
        sqrt((gap_count * gap_square_sum - gap_sum * gap_sum)::double)
            / nullif(gap_sum, 0)::double as r,
    from sums
    where gap_count > 0
),

measured as (
    select
        organization_key,
        event_count::bigint as event_count,
        case
            when event_count >= 20
                then (sqrt(event_count + 1) * r - sqrt(event_count - 1))
                    / ((sqrt(event_count + 1) - 2) * r + sqrt(event_count - 1))
        end as value,
    from moments
)

select
    organizations.organization_id,
    26 as window_weeks,
    'burstiness' as signal_code,
    measured.value,
    null::double as numerator,
    null::double as denominator,
    coalesce(measured.event_count, 0) as n,
    null::double as lower,
    null::double as upper,
    totals.coverage_share,
    false as is_pooled,
    case
        when totals.organization_key is null then 'absent'
        when totals.complete_week_count = 0 then 'unobserved'
        when measured.value is null then 'undefined'
        else ''
    end as missing_reason,
    'burstiness-2' as method_version,
from staging.organizations
left join totals on organizations.organization_key = totals.organization_key
left join measured on organizations.organization_key = measured.organization_key
