-- The cursors of a batch, one a channel, move in the same transaction as its rows.
merge into raw.cursors as kept
using (from read_parquet($landed)) as moved
on kept.channel_id = moved.channel_id
when matched then update set
    url = moved.url,
    etag = moved.etag,
    last_modified = moved.last_modified,
    body_sha256 = moved.body_sha256,
    document_page_id = moved.document_page_id,
    listed_from = moved.listed_from,
    entry_count = moved.entry_count,
    listed_ids = moved.listed_ids,
    time_to_live_minutes = moved.time_to_live_minutes,
    last_attempt_at = moved.last_attempt_at,
    last_seen_at = moved.last_seen_at,
    last_whole_at = moved.last_whole_at,
    last_outcome = moved.last_outcome,
    last_error = moved.last_error,
    failure_count = moved.failure_count,
    not_before = moved.not_before,
    next_due_at = moved.next_due_at,
    rhythm = moved.rhythm,
    adoption = moved.adoption,
    connector_state = moved.connector_state
when not matched then insert by name
