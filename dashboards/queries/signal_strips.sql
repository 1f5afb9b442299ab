-- Grain: one row per signal asked for.
-- Window and clock: the signal's own window up to the week asked for.
-- NULL: the percentiles are NULL when no organization has the signal. Percentiles are linearly
-- interpolated between order statistics (Hyndman and Fan 1996, type 7).
-- @signals is replaced by the columns of the signals asked for.
with measured as (
    select @signals
    from (
        @selected
    )
),

valued as (
    select
        signal_code,
        value,
    from measured unpivot include nulls (value for signal_code in (@signals))
)

select
    signal_code,
    count(value) as n,
    count(*) - count(value) as missing_count,
    min(value) as lowest,
    quantile_cont(value, [0.05, 0.25, 0.50, 0.75, 0.95]) as percentiles,
    percentiles[1] as percentile_05,
    percentiles[2] as percentile_25,
    percentiles[3] as percentile_50,
    percentiles[4] as percentile_75,
    percentiles[5] as percentile_95,
    max(value) as highest,
from valued
group by signal_code
order by list_position($signal_codes, signal_code)
