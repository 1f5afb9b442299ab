-- posts_per_week, active_weeks_share: how often an organization speaks.
-- Window: the 13 full weeks up to `as_of_week`; only complete weeks count, UTC.
-- NULL: absent = no channel; unobserved = no complete week. Interval: order statistics for the
-- median (the narrowest that hold it with 95 % by the binomial distribution; below six weeks the
-- extremes, which hold it with less), Wilson for the share.
with weeks as (
    select *
    from rollups.organization_weeks
    where week > getvariable('as_of_week') - 13 * 7
),

totals as (
    select
        organization_key,
        sum(seen_channel_day_count) / sum(channel_day_count) as coverage_share,
        count(*) filter (is_complete) as complete_week_count,
        coalesce(sum(post_count), 0) as post_count,
        count(*) filter (post_count > 0) as active_week_count,
        median(post_count) as posts_per_week,
        list_sort(list(post_count) filter (is_complete)) as counts,
    from weeks
    group by organization_key
),

ranked as (
    select
        *,
        greatest(1, round((complete_week_count - 1.96 * sqrt(complete_week_count)) / 2)::integer)
            as lower_rank,
    from totals
),

measured as (
    select
        organization_key,
        'posts_per_week' as signal_code,
        posts_per_week as value,
        post_count as numerator,
        complete_week_count as denominator,
        complete_week_count as n,
        counts[lower_rank] as lower,
        counts[complete_week_count - lower_rank + 1] as upper,
        coverage_share,
    from ranked
    union all by name
    select
        organization_key,
        'active_weeks_share' as signal_code,
        active_week_count / nullif(complete_week_count, 0) as value,
        active_week_count as numerator,
        complete_week_count as denominator,
        complete_week_count as n,
        statistics.wilson_lower(active_week_count, complete_week_count) as lower,
        statistics.wilson_upper(active_week_count, complete_week_count) as upper,
        coverage_share,
    from totals
),

codes as (
    select unnest(['posts_per_week', 'active_weeks_share']) as signal_code
)

select
    organizations.organization_id,
    13 as window_weeks,
    codes.signal_code,
    measured.value,
    measured.numerator,
    measured.denominator,
    coalesce(measured.n, 0) as n,
    measured.lower,
    measured.upper,
    measured.coverage_share,
    false as is_pooled,
    case
        when measured.organization_key is null then 'absent'
        when measured.n = 0 then 'unobserved'
        else ''
    end as missing_reason,
    'cadence-1' as method_version,
from staging.organizations
cross join codes
left join measured
    on organizations.organization_key = measured.organization_key
    and codes.signal_code = measured.signal_code
