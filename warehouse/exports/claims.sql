select
    organization_id,
    instrument,
    stage_code,
    claimed_on,
    respondent_role,
    note,
    is_answered,
    is_headline,
    is_public,
    imported_at,
from raw.claims
