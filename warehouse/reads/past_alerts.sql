-- All alerts, the newest first.
select *
from raw.alerts
order by opened_at desc, condition_code, subject_id
