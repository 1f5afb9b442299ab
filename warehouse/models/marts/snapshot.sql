-- One row: what this snapshot is.
-- Window: the last run; times UTC.
-- NULL: data_to without any successful fetch.
with last_run as (
    select *
    from raw.runs
    where state <> 'interrupted'
    order by started_at desc
    limit 1
),

data as (
    select max(observed_at) as data_to
    from raw.listings
    where observed_at <= getvariable('known_at')
),

used as (
    select max(model_version) as model_version
    from estimates.stages
    where as_of_week = getvariable('as_of_week')
),

-- the simulator alone: no organization has taught the model anything yet
models as (
    select
        used.model_version,
        case when models.source = 'simulator' then 'cold_start' else models.source end as kind,
    from used
    left join estimates.models on used.model_version = models.model_version
)

select
    getvariable('snapshot_number')::integer as snapshot_number,
    getvariable('published_at')::timestamp as published_at,
    getvariable('as_of')::timestamp as as_of,
    getvariable('as_of_week')::date as as_of_week,
    coalesce(last_run.run_id, '') as run_id,
    coalesce(last_run.state, '') as run_state,
    (select count(*) from staging.organizations)::integer as organization_count,
    data.data_to,
    coalesce(models.model_version, '') as model_version,
    coalesce(models.kind, '') as model_kind,
    coalesce(last_run.is_invented, false) as is_invented,
    coalesce(getvariable('barograph_version')::varchar, last_run.barograph_version, '')
        as barograph_version,
    (select max(split_part(name, '_', 1)::integer) from main.schema_migrations) as schema_version,
from data
cross join models
left join last_run on true
