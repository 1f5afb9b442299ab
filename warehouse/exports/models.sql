select
    model_version,
    source,
    trained_at,
    seed,
    label_count,
    claim_count,
    label_counts,
    labels_sha256,
    file_sha256,
    is_current,
from estimates.models
