-- Measurements that a later build of the same week replaced.
select
    organization_id,
    as_of_week,
    window_weeks,
    signal_code,
    value,
    numerator,
    denominator,
    n,
    lower,
    upper,
    coverage_share,
    is_pooled,
    missing_reason,
    unseen_reason,
    method_version,
    known_at,
    known_until,
from signals.former_measurements
order by organization_id, as_of_week, signal_code, known_at
