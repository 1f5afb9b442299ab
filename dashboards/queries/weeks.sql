-- Grain: one row per measured week.
-- Window and clock: the weeks that the snapshot holds, oldest first.
-- NULL: never; model_version is empty where no estimate was made.
select
    as_of_week,
    organization_count,
    reached_count,
    model_version,
from marts.weeks
order by as_of_week
