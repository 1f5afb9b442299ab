-- The newest runs first.
select *
from raw.runs
order by started_at desc
limit 5
