-- How much was seen of each listed organization in the 13 full weeks up to `as_of_week`: what an
-- estimate needs to know beside the measurements.
-- One row per organization. NULL: never.
with weeks as (
    select
        organization_key,
        count(*) filter (seen_channel_day_count > 0) as observed_week_count,
    from rollups.organization_weeks
    where week > getvariable('as_of_week') - 13 * 7
    group by organization_key
),

readable as (
    select
        organization_id,
        count(*) filter (late_day_count > 0) as readable_channel_count,
    from rollups.coverage
    group by organization_id
)

select
    organizations.organization_id,
    coalesce(weeks.observed_week_count, 0)::integer as observed_week_count,
    coalesce(readable.readable_channel_count, 0)::integer as readable_channel_count,
from staging.organizations
left join weeks on organizations.organization_key = weeks.organization_key
left join readable on organizations.organization_id = readable.organization_id
