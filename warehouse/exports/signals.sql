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
    missing_reason,
    method_version,
from signals.measurements
order by organization_id, as_of_week, signal_code
