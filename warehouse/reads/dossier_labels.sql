-- Stages that raters gave to one organization.
select
    rater,
    about,
    codebook,
    stage_code,
    saw,
    coded_on,
    confidence,
    superseded_at,
from raw.labels
where organization_id = $organization_id
order by coded_on desc, rater
