-- Every look is kept: what was known of a conversation at a past moment follows from them.
insert into raw.thread_views by name
select
    thread_id,
    channel_id,
    observed_at,
    reply_count,
    shown_count,
    is_truncated,
    withheld_count,
    page_id,
from read_parquet($landed)
