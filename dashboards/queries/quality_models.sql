-- Grain: one row per trained model.
-- Window and clock: everything known; the newest model first.
-- NULL: evaluated_label_count without an evaluation.
select
    model_version,
    source,
    trained_at,
    label_count,
    claim_count,
    is_current,
    is_evaluated,
    evaluated_label_count,
from marts.models
order by trained_at desc, model_version
