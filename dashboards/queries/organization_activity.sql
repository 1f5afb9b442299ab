-- Grain: one row per source and full week of one organization, oldest week first.
-- Window and clock: the 26 weeks up to that of the snapshot.
-- NULL: all counts of a week of which no day was seen; replies and received where the source shows
-- no dialogue.
select
    source,
    week,
    post_count,
    reply_count,
    received_count,
    covered_day_count,
    channel_day_count,
from marts.activity_weeks
where organization_id = $organization_id
order by source, week
