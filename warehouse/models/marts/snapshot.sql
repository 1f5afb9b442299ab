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

models as (
    select max(model_version) as model_version
    from estimates.stages
    where as_of_week = getvariable('as_of_week')
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
    case when models.model_version is null then '' else 'cold_start' end as model_kind,
    coalesce(last_run.is_invented, false) as is_invented,
from data
cross join models
left join last_run on true
