select
    page_id,
    run_id,
    organization_id,
    channel_id,
    requested_url,
    url,
    redirects,
    status_code,
    outcome,
    error,
    purpose,
    is_conditional,
    fetched_at,
    elapsed_ms,
    byte_count,
    archive_file,
from raw.attempts
order by fetched_at, page_id
