-- Grain: one row per filter and value that some organization of the snapshot's week has.
-- Window and clock: the week of the snapshot; filters in force do not narrow the options. Of weeks
-- all that the snapshot holds, latest first, with the organizations measured in each.
-- NULL: organizations whose value is unknown offer none.
with organizations as (
    select
        industry,
        size_class,
        country,
        sources,
        groups,
    from marts.organizations
    where as_of_week = (select as_of_week from marts.snapshot)
),

options as (
    select 'industry' as filter_name, industry as filter_value, null as position
    from organizations
    union all
    select
        'size',
        size_class,
        list_position(['1-9', '10-49', '50-249', '250-999', '1000+'], size_class)
    from organizations
    union all
    select 'country', country, null
    from organizations
    union all
    select 'group', unnest(groups), null
    from organizations
    union all
    select 'source', unnest(sources), null
    from organizations
),

counted as (
    select
        filter_name,
        filter_value,
        position,
        count(*) as organization_count,
    from options
    where filter_value <> ''
    group by all
    union all
    select
        'week',
        as_of_week::varchar,
        -epoch(as_of_week)::bigint,
        organization_count,
    from marts.weeks
)

select
    filter_name,
    filter_value,
    organization_count,
from counted
order by filter_name, position nulls last, filter_value
