-- Wilson score interval of a share at 95 % (Wilson 1927): the bound at z standard errors, below
-- the share for a negative z. NULL without observations. Nothing and everything are bounded by
-- themselves: computed, the bound would miss 0 or 1 by a rounding error.
create schema if not exists statistics;

create macro statistics.wilson_bound(successes, n, z) as
    case when n > 0 then
        (successes / n + z * z / (2 * n)
            + z * sqrt(successes / n * (1 - successes / n) / n + z * z / (4 * n * n)))
        / (1 + z * z / n)
    end;

create macro statistics.wilson_lower(successes, n) as
    case
        when n > 0 and successes = 0 then 0.0::double
        else statistics.wilson_bound(successes::double, n::double, -1.959963984540054)
    end;

create macro statistics.wilson_upper(successes, n) as
    case
        when n > 0 and successes = n then 1.0::double
        else statistics.wilson_bound(successes::double, n::double, 1.959963984540054)
    end;
