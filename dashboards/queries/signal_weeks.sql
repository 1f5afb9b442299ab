-- Grain: one row per measured week of one organization, oldest first, a column a signal.
-- Window and clock: the week_limit weeks up to the week asked for; signals over their own windows.
-- NULL: not seen, or drawn towards peers. A week without a measurement has no row.
-- @signals is replaced by the columns of the signals asked for.
select
    as_of_week,
    @signals
from marts.histories
where
    organization_id = $organization_id
    and as_of_week <= $week::date
    and as_of_week > $week::date - 7 * $week_limit
order by as_of_week
