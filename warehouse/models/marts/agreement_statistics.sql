-- One row per number of the comparison of claimed and observed stages, in the order of a report:
-- of scope `public` from public claims alone, of scope `all` about the whole sample, private claims
-- among it, and only where they are many enough for nothing to be told of a few.
-- Window: the week of the snapshot.
-- NULL: value where it cannot be said, with the reason; lower and upper without an interval;
-- expected where nobody knows what honest claims would show; p_value of what is no test.
select
    scope,
    position,
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
from estimates.agreement_statistics
where as_of_week = getvariable('as_of_week')
order by scope, position
