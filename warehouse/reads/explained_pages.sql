-- Where the exchanges $page_ids are archived.
-- NULL: never.
select
    page_id,
    channel_id,
    url,
    status_code,
    fetched_at,
    byte_count,
    archive_file,
from raw.attempts
where page_id in (select unnest($page_ids))
order by page_id
