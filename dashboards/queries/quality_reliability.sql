-- Grain: one row per threshold between stages and bin of statements of one model.
-- Window and clock: the evaluation that is kept with the model.
-- NULL: never; a model without an evaluation has no row.
select
    threshold_code,
    bin_number,
    predicted_share,
    observed_share,
    lower,
    upper,
    n,
from marts.reliability
where model_version = $model_version
order by threshold_code, bin_number
