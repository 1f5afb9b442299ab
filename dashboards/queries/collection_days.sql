-- Grain: one row per source and UTC day on which some channel of it was asked.
-- Window and clock: 28 days up to that of the last attempt, or of as_of when that is later.
-- NULL: never; a day on which nothing was asked has no row.
select
    source,
    day,
    asked_channel_count,
    seen_channel_count,
    attempt_count,
    failed_attempt_count,
from marts.source_days
order by source, day
