select
    source,
    kind as drift_kind,
    path,
    found,
    first_seen_at,
    last_seen_at,
    page_count,
    channel_id,
    page_id,
from raw.drifts
