-- Grain: one row per organization and signal that was seen, lowest value first.
-- Window and clock: the signal's own window up to the week of the snapshot.
-- NULL: never; a missing value has no row. Signals with more values than dot_limit have none.
select
    signals.signal_code,
    organizations.name,
    signals.value,
from marts.signals
inner join marts.organizations using (organization_id, as_of_week)
where
    as_of_week = (select as_of_week from marts.snapshot)
    and signals.value is not null
    and list_contains($signal_codes, signals.signal_code)
    and ($industry = '' or industry = $industry)
    and ($size = '' or size_class = $size)
    and ($country = '' or country = $country)
qualify count(*) over (partition by signals.signal_code) <= $dot_limit
order by signals.signal_code, signals.value, organizations.name
