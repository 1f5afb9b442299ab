-- Conversations by what all looks until `known_at` add up to.
select
    privacy.blurred(thread_id) as thread_id,
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
from raw.thread_views
where observed_at <= getvariable('known_at')
group by raw.thread_views.thread_id
