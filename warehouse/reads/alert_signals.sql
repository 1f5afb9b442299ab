-- As `course_signals`, of several organizations: one row per organization of $organization_ids, signal
-- of $signal_codes and week, oldest first; by another method than the latest was measured: left out.
-- NULL: value where it was not seen, or is its peers' in part; coverage and bounds as measured.
select
    organization_id,
    signal_code,
    as_of_week as week,
    case when not is_pooled then value end as value,
    n,
    coverage_share,
    case when not is_pooled then lower end as lower,
    case when not is_pooled then upper end as upper,
from signals.measurements
where
    organization_id in (select unnest($organization_ids::varchar[]))
    and signal_code in (select unnest($signal_codes::varchar[]))
qualify
    method_version = last_value(method_version) over (
        partition by organization_id, signal_code
        order by as_of_week
        rows between unbounded preceding and unbounded following
    )
order by organization_id, signal_code, week
