insert into raw.touched_weeks
select distinct
    activities.organization_id,
    date_trunc('week', activities.occurred_at)::date,
from raw.activities
join gone on activities.rowid = gone.place
where activities.occurred_at is not null
