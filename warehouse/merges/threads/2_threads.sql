-- A view with `shown_count` read the thread; one without only mentions it in a list.
merge into raw.threads as known
using (
    select
        thread_id,
        arg_max(channel_id, observed_at) as channel_id,
        max(observed_at) filter (shown_count is not null) as read_at,
        arg_max(reply_count, observed_at) filter (shown_count is not null) as read_reply_count,
        arg_max(shown_count, observed_at) filter (shown_count is not null) as shown_count,
        coalesce(arg_max(is_truncated, observed_at) filter (shown_count is not null), false)
            as is_truncated,
        coalesce(arg_max(withheld_count, observed_at) filter (shown_count is not null), 0)
            as withheld_count,
        max(observed_at) as listed_at,
        arg_max(reply_count, observed_at) filter (reply_count is not null) as listed_reply_count,
        arg_max(page_id, observed_at) as listed_page_id,
    from read_parquet($landed)
    group by thread_id
) as seen
on known.thread_id = seen.thread_id
when matched then update set
    read_at = coalesce(seen.read_at, known.read_at),
    read_reply_count = coalesce(seen.read_reply_count, known.read_reply_count),
    shown_count = coalesce(seen.shown_count, known.shown_count),
    is_truncated = case
        when seen.read_at is null then known.is_truncated else seen.is_truncated
    end,
    withheld_count = case
        when seen.read_at is null then known.withheld_count else seen.withheld_count
    end,
    listed_at = greatest(known.listed_at, seen.listed_at),
    listed_reply_count = coalesce(seen.listed_reply_count, known.listed_reply_count),
    listed_page_id = seen.listed_page_id
when not matched then insert by name
