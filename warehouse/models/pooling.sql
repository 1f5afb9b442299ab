-- What is drawn towards its peers: rates with few observations, n successes of m, weighed against
-- 20 observations at the peers' mean (empirical Bayes with a fixed weight; at 20 observations of
-- its own the rule ends, and both would count alike). Peers are organizations of the same industry
-- and size with 20 observations or more; where these are fewer than five, those of the same
-- industry; then all. Fewer than five in all draw nothing: the rate stays undefined.
-- One row per organization and signal that is to be drawn; the interval is Wilson's of the
-- weighed counts.
with attributes as (
    select
        measured.*,
        organizations.industry,
        organizations.size_class,
    from measured
    join staging.organizations on measured.organization_id = organizations.organization_id
),

peers as (
    from attributes
    where not is_pooled and value is not null and denominator >= 20
),

-- sorted before they are added, so that the sum does not depend on their order
groups as (
    select
        signal_code,
        industry,
        size_class,
        grouping(industry, size_class) as breadth,
        count(*) as peer_count,
        list_avg(list_sort(list(value))) as peer_mean,
    from peers
    group by grouping sets (
        (signal_code, industry, size_class),
        (signal_code, industry),
        (signal_code)
    )
    having count(*) >= 5
),

nearest as (
    select
        attributes.organization_id,
        attributes.signal_code,
        attributes.numerator,
        attributes.denominator,
        arg_min(groups.peer_mean, groups.breadth) as peer_mean,
    from attributes
    join groups
        on attributes.signal_code = groups.signal_code
        and (groups.breadth >= 2 or attributes.industry = groups.industry)
        and (groups.breadth >= 1 or attributes.size_class = groups.size_class)
    where attributes.is_pooled
    group by all
),

weighed as (
    select
        organization_id,
        signal_code,
        numerator + 20 * peer_mean as successes,
        denominator + 20 as observations,
    from nearest
)

-- a bound misses 0 or 1 by a rounding error: it never leaves its value outside
select
    organization_id,
    signal_code,
    successes / observations as value,
    least(
        successes / observations,
        statistics.wilson_bound(successes, observations, -1.959963984540054)
    ) as lower,
    greatest(
        successes / observations,
        statistics.wilson_bound(successes, observations, 1.959963984540054)
    ) as upper,
from weighed
