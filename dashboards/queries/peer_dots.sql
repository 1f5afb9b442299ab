-- Grain: one row per peer and signal that was seen, lowest value first.
-- Window and clock: the signal's own window up to the week asked for.
-- NULL: never; a missing value has no row. Signals with more values than dot_limit have none, nor
-- have those with fewer than fewest. The organization itself is none of its peers.
-- @signals is replaced by the columns of the signals asked for.
with peers as (
    select
        organization_id,
        name,
        @signals
    from (
        @selected
    )
    where organization_id <> $organization_id
)

select
    signal_code,
    organization_id,
    name,
    value,
from peers unpivot (value for signal_code in (@signals))
qualify count(*) over (partition by signal_code) between $fewest and $dot_limit
order by signal_code, value, name
