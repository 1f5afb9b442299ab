-- One row per listed organization: what the estimator needs of the week $as_of_week.
-- A value that is drawn towards its peers is theirs in part, and no evidence of its own.
with measured as (
    select
        organization_id,
        map(list(signal_code), list(case when not is_pooled then value end)) as values,
        map(list(signal_code), list(case when is_pooled then 'undefined' else missing_reason end))
            as missing_reasons,
        max(coverage_share) filter (signal_code = 'posts_per_week') as coverage_share,
        max(n) filter (
            signal_code = 'reply_rate_72h' and missing_reason not in ('absent', 'unobserved')
        ) as inbound_count,
    from signals.measurements
    where as_of_week = $as_of_week
    group by organization_id
),

weeks as (
    select
        organization_key,
        count(*) filter (seen_channel_day_count > 0) as observed_week_count,
    from rollups.organization_weeks
    where week > $as_of_week - 13 * 7
    group by organization_key
),

readable as (
    select
        organization_id,
        count(*) filter (late_day_count > 0) as readable_channel_count,
    from rollups.coverage
    group by organization_id
)

select
    organizations.organization_id,
    organizations.size_class,
    measured.values,
    measured.missing_reasons,
    measured.coverage_share,
    measured.inbound_count,
    coalesce(weeks.observed_week_count, 0) as observed_week_count,
    coalesce(readable.readable_channel_count, 0) as readable_channel_count,
from staging.organizations
join measured on organizations.organization_id = measured.organization_id
left join weeks on organizations.organization_key = weeks.organization_key
left join readable on organizations.organization_id = readable.organization_id
order by organizations.organization_id
