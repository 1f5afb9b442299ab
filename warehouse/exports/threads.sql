select
    channels.organization_id,
    threads.channel_id,
    threads.thread_id,
    threads.read_at,
    threads.read_reply_count,
    threads.shown_count,
    threads.is_truncated,
    threads.withheld_count,
    threads.listed_at,
    threads.listed_reply_count,
from raw.threads
join raw.channels on threads.channel_id = channels.channel_id
