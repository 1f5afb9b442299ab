-- What was measured of one organization, as it may be published, the latest week first.
select
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
from signals.published
where organization_id = $organization_id
order by as_of_week desc, signal_code
