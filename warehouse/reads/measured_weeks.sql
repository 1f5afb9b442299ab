-- One row per measured week from the Monday $since on, oldest first: whether $model_version has
-- estimated it since it was last measured, and whether what an estimate needs was kept.
-- NULL: never.
with measured as (
    select distinct as_of_week
    from signals.measurements
    where as_of_week >= $since
),

built as (
    select
        as_of_week,
        max(known_at) as built_at,
    from signals.builds
    group by as_of_week
),

estimated as (
    select
        as_of_week,
        bool_and(model_version = $model_version) as is_of_model,
        min(estimated_at) as estimated_at,
    from estimates.stages
    group by as_of_week
),

kept as (
    select distinct as_of_week
    from signals.evidence
)

select
    measured.as_of_week,
    coalesce(
        estimated.is_of_model
        and (built.built_at is null or estimated.estimated_at > built.built_at),
        false
    ) as is_estimated,
    kept.as_of_week is not null as has_evidence,
from measured
left join built on measured.as_of_week = built.as_of_week
left join estimated on measured.as_of_week = estimated.as_of_week
left join kept on measured.as_of_week = kept.as_of_week
order by measured.as_of_week
