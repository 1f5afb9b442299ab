-- One row per model and figure of its evaluation, by the evaluation's own names; figures are of
-- estimates by models that had not seen the labels in question.
-- Window: the evaluation that is kept with the model.
-- NULL: value where the figure is not defined; lower and upper where too few organizations can be
-- drawn.
with scores as (
    select
        model_version,
        unnest(map_entries((nullif(evaluation, '')::json -> 'scores')::map(
            varchar, struct(value double, low double, high double, n integer)
        ))) as entry,
    from estimates.models
)

select
    model_version,
    entry.key as measure,
    entry.value.value as value,
    entry.value.low as lower,
    entry.value.high as upper,
    entry.value.n as n,
from scores
order by model_version, measure
