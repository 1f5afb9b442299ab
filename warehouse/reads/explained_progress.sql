-- One row: how far the job has come for the week $week (NULL: any week), and for $organization_id.
select
    (
        select count(*)
        from signals.measurements
        where coalesce(as_of_week = $week::date, true)
    ) as measurement_count,
    (
        select count(*)
        from signals.measurements
        where coalesce(as_of_week = $week::date, true) and organization_id = $organization_id
    ) as own_measurement_count
