-- Grain: one row per measured week.
-- Window and clock: the seven days of each week, UTC; the latest 52 weeks, the latest first.
-- NULL: never.
select
    as_of_week,
    organization_count,
    reached_count,
    seen_day_count,
    channel_day_count,
from marts.weeks
order by as_of_week desc
limit 52
