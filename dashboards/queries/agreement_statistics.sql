-- Grain: one row per statistic of claimed against observed stages, in the order of a report.
-- Window and clock: the week of the snapshot.
-- NULL: value where it cannot be said, lower and upper where there is no interval; reason tells why.
select
    scope,
    code,
    group_name,
    value,
    lower,
    upper,
    n,
    expected,
    p_value,
    reason,
    label,
    unit,
    sample,
    definition,
from marts.agreement_statistics
order by scope desc, position
