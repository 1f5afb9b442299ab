-- The expert codes that hold: those that no later import corrected.
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
from raw.labels
where superseded_at is null
order by organization_id, about, codebook, rater
