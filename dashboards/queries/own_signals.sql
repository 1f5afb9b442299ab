-- Grain: one row per organization asked for and measured signal.
-- Window and clock: the signal's own window up to the week asked for.
-- NULL: value where missing_reason says why; the interval where the signal has none.
select
    organization_id,
    signal_code,
    value,
    n,
    lower,
    upper,
    coalesce(is_pooled, false) as is_pooled,
    missing_reason,
    coalesce(unseen_reason, '') as unseen_reason,
from marts.signals
where
    as_of_week = $week::date
    and organization_id in (select unnest($organization_ids::varchar[]))
order by organization_id, signal_code
