select
    organization_id,
    rater,
    about,
    codebook,
    stage_code,
    saw,
    coded_on,
    confidence,
    note,
    imported_at,
    superseded_at,
from raw.labels
order by organization_id, about, codebook, rater, imported_at
