-- One row per trained model, the newest first.
-- Window: everything known.
-- NULL: evaluated_label_count without an evaluation.
select
    model_version,
    source,
    trained_at,
    label_count,
    claim_count,
    is_current,
    evaluation <> '' as is_evaluated,
    (nullif(evaluation, '')::json ->> 'label_count')::integer as evaluated_label_count,
from estimates.models
order by trained_at desc, model_version
