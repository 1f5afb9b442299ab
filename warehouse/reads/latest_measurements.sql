-- One row per organization and signal of one week: the latest that was measured, or $week.
-- Window: window_weeks full weeks up to as_of_week. '' for $signal_code or $organization_id = all.
-- NULL: as in signals.measurements.
with weeks as (
    select max(as_of_week) as as_of_week
    from signals.measurements
    where coalesce(as_of_week = $week::date, true)
)

select measurements.*
from signals.measurements
join weeks on measurements.as_of_week = weeks.as_of_week
where
    $signal_code in ('', measurements.signal_code)
    and $organization_id in ('', measurements.organization_id)
order by measurements.organization_id, measurements.signal_code
