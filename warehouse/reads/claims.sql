-- The claims that were read in, oldest first.
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
from raw.claims
order by organization_id, claimed_on nulls first
