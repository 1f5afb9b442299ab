-- One row per listed organization: what the estimator needs of the week $as_of_week.
-- A value that is drawn towards its peers is theirs in part, and no evidence of its own.
-- NULL counts of weeks and channels: a version measured the week that did not keep them yet.
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

evidence as (
    from signals.evidence
    where as_of_week = $as_of_week
    qualify row_number() over (partition by organization_id order by known_at desc) = 1
)

select
    organizations.organization_id,
    organizations.size_class,
    measured.values,
    measured.missing_reasons,
    measured.coverage_share,
    measured.inbound_count,
    evidence.observed_week_count,
    evidence.readable_channel_count,
from staging.organizations
join measured on organizations.organization_id = measured.organization_id
left join evidence on organizations.organization_id = evidence.organization_id
order by organizations.organization_id
