-- Grain: one row per signal asked for.
-- Window and clock: the signal's own window up to the week asked for.
-- NULL: levels when no peer has the signal. The organization itself is none of its peers.
-- below_count and equal_count are 0 where the organization has no value of its own. Levels are
-- lowest, 5th, 25th, 50th, 75th, 95th percentile and highest, linearly interpolated between order
-- statistics (Hyndman and Fan 1996, type 7).
-- @signals is replaced by the columns of the signals asked for.
with own as (
    select
        signal_code,
        value as own_value,
    from (
        select @signals
        from marts.organizations
        where
            organization_id = $organization_id
            and as_of_week = coalesce(
                try_cast(nullif($week, '') as date),
                (select as_of_week from marts.snapshot)
            )
    ) unpivot (value for signal_code in (@signals))
),

peers as (
    select @signals
    from (
        @selected
    )
    where organization_id <> $organization_id
),

valued as (
    select
        signal_code,
        value,
    from peers unpivot include nulls (value for signal_code in (@signals))
)

select
    valued.signal_code,
    count(value) as n,
    count(*) - count(value) as missing_count,
    quantile_cont(value, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]) as levels,
    count(*) filter (where value < own_value) as below_count,
    count(*) filter (where value = own_value) as equal_count,
from valued
left join own on valued.signal_code = own.signal_code
group by valued.signal_code
order by valued.signal_code
