-- Grain: one row per signal asked for.
-- Window and clock: the signal's own window up to the week of the snapshot.
-- NULL: the percentiles are NULL when no organization has the signal. Percentiles are linearly
-- interpolated between order statistics (Hyndman and Fan 1996, type 7).
with organizations as (
    select
        organization_id,
        as_of_week,
    from marts.organizations
    where
        as_of_week = (select as_of_week from marts.snapshot)
        and ($industry = '' or industry = $industry)
        and ($size = '' or size_class = $size)
        and ($country = '' or country = $country)
)

select
    signals.signal_code,
    max(signals.window_weeks) as window_weeks,
    count(signals.value) as n,
    (select count(*) from organizations) - count(signals.value) as missing_count,
    min(signals.value) as lowest,
    quantile_cont(signals.value, 0.05) as percentile_05,
    quantile_cont(signals.value, 0.25) as percentile_25,
    quantile_cont(signals.value, 0.50) as percentile_50,
    quantile_cont(signals.value, 0.75) as percentile_75,
    quantile_cont(signals.value, 0.95) as percentile_95,
    max(signals.value) as highest,
from marts.signals
inner join organizations using (organization_id, as_of_week)
where list_contains($signal_codes, signals.signal_code)
group by signals.signal_code
order by list_position($signal_codes, signals.signal_code)
