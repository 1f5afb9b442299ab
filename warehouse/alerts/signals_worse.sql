-- One row per listed organization of which two watched signals look worse than a year before, or
-- that has an open alert. Whether it is warned of is decided in `classifiers.early_warnings`; this
-- leaves out those that cannot be: the mean of a quarter lies less than half a standard deviation
-- on the bad side of its year before.
-- $falling are signals of which less is worse, $rising those of which more is.
-- Window: 77 weeks up to the last that was measured, 39 at least.
-- NULL: never.
with measured as (
    select
        measurements.organization_id,
        measurements.signal_code,
        measurements.value,
        (max(measurements.as_of_week) over () - measurements.as_of_week) // 7 as weeks_back,
    from signals.measurements
    where
        list_contains($falling::varchar[] || $rising::varchar[], measurements.signal_code)
        and measurements.value is not null
        and not measurements.is_pooled
),

compared as (
    select
        organization_id,
        signal_code,
        avg(value) filter (weeks_back < 13) as recent,
        avg(value) filter (weeks_back between 13 and 76) as usual,
        stddev_pop(value) filter (weeks_back between 13 and 76) as spread,
        count(*) filter (weeks_back between 13 and 76) as week_count,
    from measured
    group by organization_id, signal_code
),

worse as (
    select organization_id
    from compared
    where
        week_count >= 26
        and case
            when list_contains($falling::varchar[], signal_code) then usual - recent
            else recent - usual
        end > 0.5 * spread
    group by organization_id
    having count(*) > 1
),

open_alerts as (
    select subject_id as organization_id
    from raw.alerts
    where condition_code = 'signals_worse' and recovered_at is null
)

select
    organization_id,
    name,
from raw.organizations
where
    last_listed_at = (select max(last_listed_at) from raw.organizations)
    and (
        organization_id in (select organization_id from worse)
        or organization_id in (select organization_id from open_alerts)
    )
order by organization_id
