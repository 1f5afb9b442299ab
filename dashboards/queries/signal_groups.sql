-- Grain: one row per industry of the organizations that the filters leave.
-- Window and clock: the signal's own window up to the week asked for.
-- NULL: the percentiles are NULL when no organization of the industry has the signal.
-- @signals is replaced by the column of the signal asked for.
select
    coalesce(nullif(industry, ''), 'not given') as group_name,
    count(@signals) as n,
    count(*) - count(@signals) as missing_count,
    min(@signals) as lowest,
    quantile_cont(@signals, [0.05, 0.25, 0.50, 0.75, 0.95]) as percentiles,
    percentiles[1] as percentile_05,
    percentiles[2] as percentile_25,
    percentiles[3] as percentile_50,
    percentiles[4] as percentile_75,
    percentiles[5] as percentile_95,
    max(@signals) as highest,
from (
    @selected
)
group by all
order by group_name
