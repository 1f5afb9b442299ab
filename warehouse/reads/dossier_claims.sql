-- Stages that one organization gave itself, by each rule, private ones among them.
select
    instrument,
    stage_code,
    claimed_on,
    respondent_role,
    is_public,
    is_headline,
from raw.claims
where organization_id = $organization_id
order by claimed_on desc nulls last, instrument
