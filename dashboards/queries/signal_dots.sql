-- Grain: one row per organization and signal that was seen, lowest value first.
-- Window and clock: the signal's own window up to the week asked for.
-- NULL: never; a missing value has no row. Signals with more values than dot_limit have none.
-- @signals is replaced by the columns of the signals asked for.
with measured as (
    select
        organization_id,
        name,
        @signals
    from (
        @selected
    )
)

select
    signal_code,
    organization_id,
    name,
    value,
from measured unpivot (value for signal_code in (@signals))
qualify count(*) over (partition by signal_code) <= $dot_limit
order by signal_code, value, name
