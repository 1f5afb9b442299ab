-- One row per model, threshold between stages and bin of the statements that its evaluation judged.
-- What is stated is the probability of the threshold's stage or a lower one; observed is how often
-- raters said so. Bins hold equally many statements.
-- Window: the evaluation that is kept with the model.
-- NULL: never; a model without an evaluation has no row.
with curves as (
    select
        model_version,
        (nullif(evaluation, '')::json -> 'calibration')::struct(
            stated_share double, true_share double, low double, high double, n integer
        )[][] as curves,
    from estimates.models
),

thresholds as (
    select
        model_version,
        generate_subscripts(curves, 1) as threshold_code,
        unnest(curves) as bins,
    from curves
),

bins as (
    select
        model_version,
        threshold_code,
        generate_subscripts(bins, 1) as bin_number,
        unnest(bins) as bin,
    from thresholds
)

select
    model_version,
    threshold_code::integer as threshold_code,
    bin_number::integer as bin_number,
    bin.stated_share as predicted_share,
    bin.true_share as observed_share,
    bin.low as lower,
    bin.high as upper,
    bin.n as n,
from bins
order by model_version, threshold_code, bin_number
