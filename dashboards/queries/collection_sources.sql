-- Grain: one row per source of listed channels.
-- Window and clock: 7 days (reached, seen) and 28 days (activities) up to the last attempt, or as_of
-- when that is later; outcomes are those of the last attempts. Times are naive UTC.
-- NULL: last_success_at before the first success, next_due_at before the first attempt,
-- activity_count_28d where no channel was seen in 28 days.
select
    source,
    last_success_at,
    next_due_at,
    reached_organization_count,
    organization_count,
    seen_channel_count,
    channel_count,
    activity_count_28d,
    robots_count,
    rate_limited_count,
    failed_count,
from marts.sources
order by source
