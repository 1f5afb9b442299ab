-- What a source has deleted goes, unless a later page has it again.
create or replace temp table gone as
select
    activities.activity_id,
    activities.rowid as place,
    max(deletions.observed_at) as observed_at,
from raw.activities
join raw.deletions
    on activities.activity_id = deletions.activity_id
    and activities.last_listed_at < deletions.observed_at
group by all
