-- What the warehouse knows of the model $model_version; no row where it was never registered.
-- NULL: never.
select
    model_version,
    source,
    trained_at,
    seed,
    label_count,
    claim_count,
    label_counts,
    file_sha256,
from estimates.models
where model_version = $model_version
order by trained_at desc
limit 1
