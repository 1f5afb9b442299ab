-- Of paths in an error only the last part: where things lie on a machine is nobody's business.
select
    run_id,
    started_at,
    ended_at,
    state,
    command,
    as_of,
    is_invented,
    barograph_version,
    channel_count,
    due_count,
    held_count,
    failed_count,
    regexp_replace(error, '(^|[\s''"(=])/(?:[^/\s''"]+/)+', '\1', 'g') as error,
from raw.runs
