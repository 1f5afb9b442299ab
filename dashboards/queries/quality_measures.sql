-- Grain: one row per measure of one model.
-- Window and clock: the evaluation that is kept with the model.
-- NULL: value where it is not defined; bounds where too few organizations can be drawn.
select
    measure,
    value,
    lower,
    upper,
    n,
from marts.model_measures
where model_version = $model_version
order by measure
