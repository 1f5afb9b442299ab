-- Seconds between the starts of the last 20 runs that did their whole job.
with runs as (
    select started_at
    from raw.runs
    where
        command in ('run', 'monitor', 'demo')
        and state in ('completed', 'completed_with_failures')
    order by started_at desc
    limit 20
)

select epoch(started_at - lag(started_at) over (order by started_at)) as seconds
from runs
qualify seconds is not null
