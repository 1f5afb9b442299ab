insert into raw.purged_pages
select distinct page_id
from doomed
where page_id <> '' and page_id not in (from raw.purged_pages)
