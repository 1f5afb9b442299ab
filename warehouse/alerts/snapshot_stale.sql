-- One row: is the newest published snapshot older than $limit_hours at $moment?
-- $published_at is NULL before the first one; then it counts from the first run of the whole job.
-- NULL: value never; no row before either.
with ages as (
    select epoch($moment - coalesce($published_at, min(started_at))) / 3600 as hours
    from raw.runs
    where command in ('run', 'monitor', 'demo')
)

select
    'project' as subject_kind,
    'project' as subject_id,
    null as organization_id,
    case
        when hours > $limit_hours then 'raised'
        when hours <= $clear_part * $limit_hours then 'clear'
        else 'between'
    end as state,
    hours as value,
    $limit_hours as limit_value,
    $published_at as published_at,
from ages
where hours is not null
