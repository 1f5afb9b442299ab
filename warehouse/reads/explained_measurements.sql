-- What was measured of $organization_id in the week $as_of_week, each beside its peers: others of
-- the same industry and size, else of the same industry, else all; the first group of ten (rule R14).
-- NULL: as in signals.measurements; peers where fewer than ten others have a value of their own.
with measured as (
    select
        measurements.*,
        organizations.industry,
        organizations.size_class,
    from signals.measurements
    join raw.organizations on measurements.organization_id = organizations.organization_id
    where measurements.as_of_week = $as_of_week
),

own as (
    from measured
    where organization_id = $organization_id
),

groups as (
    select
        signal_code,
        industry,
        size_class,
        grouping(industry, size_class) as breadth,
        count(*) as peer_count,
        median(value) as peer_median,
        quantile_cont(value, 0.1) as peer_low,
        quantile_cont(value, 0.9) as peer_high,
    from measured
    where organization_id <> $organization_id and value is not null and not is_pooled
    group by grouping sets (
        (signal_code, industry, size_class),
        (signal_code, industry),
        (signal_code)
    )
    having count(*) >= 10
),

nearest as (
    select
        own.signal_code,
        min(groups.breadth) as breadth,
        arg_min(groups.peer_count, groups.breadth) as peer_count,
        arg_min(groups.peer_median, groups.breadth) as peer_median,
        arg_min(groups.peer_low, groups.breadth) as peer_low,
        arg_min(groups.peer_high, groups.breadth) as peer_high,
    from own
    join groups
        on own.signal_code = groups.signal_code
        and (groups.breadth >= 3 or own.industry <> '' and own.industry = groups.industry)
        and (groups.breadth >= 1 or own.size_class <> '' and own.size_class = groups.size_class)
    group by own.signal_code
)

select
    own.* exclude (industry, size_class),
    case nearest.breadth
        when 0 then 'same industry and size'
        when 1 then 'same industry'
        when 3 then 'all organizations'
        else ''
    end as peer_group,
    nearest.peer_count,
    nearest.peer_median,
    nearest.peer_low,
    nearest.peer_high,
from own
left join nearest on own.signal_code = nearest.signal_code
order by own.signal_code
