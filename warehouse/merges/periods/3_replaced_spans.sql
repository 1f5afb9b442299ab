delete from raw.seen_spans
where channel_id in (select channel_id from newer_spans)
