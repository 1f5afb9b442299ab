-- One row per week and signal of $signal_codes of $organization_id, oldest first. Weeks that were
-- measured by another method than the latest are left out: they do not compare.
-- A value that is drawn towards its peers is theirs in part, and shown as none.
-- NULL: value where it was not seen; coverage and bounds as in signals.measurements.
select
    signal_code,
    as_of_week as week,
    case when not is_pooled then value end as value,
    n,
    coverage_share,
    case when not is_pooled then lower end as lower,
    case when not is_pooled then upper end as upper,
from signals.measurements
where organization_id = $organization_id and signal_code in (select unnest($signal_codes::varchar[]))
qualify
    method_version = last_value(method_version) over (
        partition by signal_code
        order by as_of_week
        rows between unbounded preceding and unbounded following
    )
order by signal_code, week
