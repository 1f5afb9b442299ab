select
    organization_id,
    instrument,
    stage_code,
    claimed_on,
    respondent_role,
    note,
    imported_at,
from raw.claims
order by organization_id, claimed_on, instrument
