-- An activity stands in raw.activities exactly once.
select
    activity_id,
    count(*) as row_count,
from raw.activities
group by activity_id
having count(*) > 1
