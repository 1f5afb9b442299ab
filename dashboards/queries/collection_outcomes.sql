-- Grain: one row per source and way in which the last attempts at its channels ended.
-- Window and clock: the last attempt at each channel, whenever that was.
-- NULL: never; outcome is empty for channels that were never asked.
select
    source,
    outcome,
    channel_count,
from marts.source_outcomes
order by source, channel_count desc, outcome
