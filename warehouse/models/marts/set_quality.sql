-- One row per model, level of its prediction sets and group of labels: how often the set held the
-- stage that raters gave. Groups are all labels, those of one stage, and the kinds of organizations
-- with enough labels (industry, size, country, sources).
-- Window: the evaluation that is kept with the model.
-- NULL: coverage_share of a stage without labels; lower and upper where too few organizations can
-- be drawn; mean_set_size but for all labels; abstained_share, which an evaluation does not tell.
with evaluations as (
    select
        model_version,
        nullif(evaluation, '')::json as evaluation,
    from estimates.models
),

levels as (
    select
        model_version,
        unnest(map_entries((evaluation -> 'sets')::map(
            varchar, map(varchar, struct(value double, low double, high double, n integer))
        ))) as entry,
    from evaluations
),

figures as (
    select
        model_version,
        entry.key as level,
        entry.value['size'].value as mean_set_size,
        unnest(map_entries(entry.value)) as figure,
        generate_subscripts(map_keys(entry.value), 1) as position,
    from levels
),

dimensions as (
    select
        model_version,
        unnest(map_entries((evaluation -> 'subgroups')::map(varchar, json[]))) as dimension,
    from evaluations
),

kinds as (
    select
        model_version,
        dimension.key as group_kind,
        unnest(dimension.value) as kind,
    from dimensions
),

groups as (
    select
        model_version,
        level,
        case when figure.key = 'coverage' then 'all' else 'stage' end as group_kind,
        case when figure.key = 'coverage' then '' else replace(figure.key, 'coverage_', '') end
            as group_name,
        position,
        figure.value as coverage,
        case when figure.key = 'coverage' then mean_set_size end as mean_set_size,
    from figures
    where figure.key <> 'size'
    union all by name
    select
        kinds.model_version,
        levels.entry.key as level,
        kinds.group_kind,
        kinds.kind ->> 'kind' as group_name,
        0 as position,
        (kinds.kind -> ('coverage_' || levels.entry.key))::struct(
            value double, low double, high double, n integer
        ) as coverage,
    from kinds
    join levels on kinds.model_version = levels.model_version
)

select
    model_version,
    group_kind,
    group_name,
    level::double as level,
    coverage.n as n,
    coverage.value as coverage_share,
    coverage.low as lower,
    coverage.high as upper,
    mean_set_size,
    null::double as abstained_share,
from groups
order by model_version, level, group_kind, position, group_name
