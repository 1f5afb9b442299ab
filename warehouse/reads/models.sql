-- Models, the current one first, then the newest.
select *
from estimates.models
order by is_current desc, trained_at desc
