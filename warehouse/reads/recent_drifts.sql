-- What platforms have changed in their answers lately: in the 30 days before the last attempt.
select
    source,
    kind as drift_kind,
    path,
    found,
    first_seen_at,
    last_seen_at,
    page_count,
from raw.drifts
where last_seen_at >= (select max(last_attempt_at) from raw.cursors) - interval 30 day
order by kind, source, path, found
