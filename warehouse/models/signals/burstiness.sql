-- burstiness: how unevenly an organization's posts follow one another, from -1 (a metronome)
-- over 0 (chance) to 1. Kim & Jo (2016), eq. for n events, r = sd / mean of the gaps.
-- Window: the 26 full weeks up to `as_of_week`; a gap counts when every week that it touches
-- is complete.
-- NULL: absent = no channel; unobserved = no complete week; undefined = under 20 events.
with weeks as (
    select
        *,
        count(*) filter (not is_complete) over (
            partition by organization_id order by week
        ) as incomplete_before,
    from rollups.organization_weeks
),

totals as (
    select
        organization_id,
        sum(seen_channel_day_count) / sum(channel_day_count) as coverage_share,
        count(*) filter (is_complete) as complete_week_count,
    from weeks
    group by organization_id
),

posts as (
    select
        posts.organization_id,
        posts.occurred_at,
        weeks.incomplete_before,
    from staging.posts
    join weeks
        on posts.organization_id = weeks.organization_id
        and date_trunc('week', posts.occurred_on)::date = weeks.week
    where weeks.is_complete
),

gaps as (
    select
        organization_id,
        epoch(occurred_at - lag(occurred_at) over stretch) as gap_seconds,
    from posts
    window stretch as (partition by organization_id, incomplete_before order by occurred_at)
),

moments as (
    select
        organization_id,
        count(gap_seconds) + 1 as event_count,
        stddev_pop(gap_seconds) / nullif(avg(gap_seconds), 0) as r,
    from gaps
    group by organization_id
    having count(gap_seconds) > 0
),

measured as (
    select
        organization_id,
        event_count,
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
    case
        when totals.organization_id is null then 'absent'
        when totals.complete_week_count = 0 then 'unobserved'
        when measured.value is null then 'undefined'
        else ''
    end as missing_reason,
    'burstiness-1' as method_version,
from staging.organizations
left join totals on organizations.organization_id = totals.organization_id
left join measured on organizations.organization_id = measured.organization_id
