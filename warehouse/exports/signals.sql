-- The numbers that held at `exported_known_at`; without it, those that hold now.
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
from (
    select
        *,
        null::timestamp as known_until,
    from signals.measurements
    union all by name
    from signals.former_measurements
    where known_until > coalesce(getvariable('exported_known_at')::timestamp, 'infinity')
)
where known_at <= coalesce(getvariable('exported_known_at')::timestamp, 'infinity')
