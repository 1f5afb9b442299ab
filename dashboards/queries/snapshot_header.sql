-- Grain: one row, the snapshot itself.
-- Window and clock: as_of and published_at are naive UTC; as_of_week is the Monday of the week shown.
-- NULL: data_to is NULL when no fetch ever succeeded.
select
    snapshot_number,
    published_at,
    as_of,
    as_of_week,
    run_state,
    organization_count,
    data_to,
    model_version,
    model_kind,
    is_invented,
from marts.snapshot
