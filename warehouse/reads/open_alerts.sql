-- The alerts that are open, the most serious first.
select *
from raw.alerts
where recovered_at is null
order by
    list_position(['serious', 'warning', 'notice'], severity),
    opened_at,
    condition_code,
    subject_id
