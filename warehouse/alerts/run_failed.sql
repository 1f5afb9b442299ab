-- One row: did the last two runs that came to an end fail, or were they killed?
-- Window: the last two runs before $moment; an import asks nobody.
-- NULL: value never; no row before the second run.
with ended as (
    select
        state,
        started_at,
        split_part(error, ':', 1) as error_kind,
        row_number() over (order by started_at desc) as place,
    from raw.runs
    where
        command <> 'import'
        and (ended_at is not null or state = 'interrupted')
        and started_at <= $moment
)

select
    'project' as subject_kind,
    'project' as subject_id,
    null as organization_id,
    case
        when bool_and(state in ('failed', 'interrupted')) then 'raised'
        when arg_min(state, place) not in ('failed', 'interrupted') then 'clear'
        else 'between'
    end as state,
    count(*) filter (state in ('failed', 'interrupted')) as value,
    2 as limit_value,
    arg_min(state, place) as run_state,
    arg_min(error_kind, place) as error_kind,
    max(started_at) as started_at,
from ended
where place <= 2
having count(*) = 2
