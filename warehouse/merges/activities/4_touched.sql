-- The weeks of an organization in which something is new or has changed: of them the next build
-- makes its rollups anew.
insert into raw.touched_weeks
select
    organization_id,
    date_trunc('week', occurred_at)::date as week,
from renewed
where occurred_at is not null and (former is null or is_changed or is_recounted)
union
select
    organization_id,
    date_trunc('week', former.occurred_at)::date as week,
from renewed
where former.occurred_at is not null and is_changed
