-- Grain: one row per answered item of the latest public self-assessment of one organization.
-- Window and clock: everything known at the snapshot.
-- NULL: answered_on when not given; answer of a respondent who looked and could not say.
select
    instrument,
    instrument_version,
    answered_on,
    item_code,
    answer,
    coalesce(evidence_url, '') as evidence_url,
from marts.answers
where organization_id = $organization_id
order by instrument, item_code
