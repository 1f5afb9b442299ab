-- As published: what is kept out of pages and snapshots is kept out here.
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
from marts.signals
