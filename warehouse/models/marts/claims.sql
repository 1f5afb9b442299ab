-- One row per public claim of a listed organization by a rule whose stage may be the one that
-- counts: a direct placement, or the gates of a questionnaire.
-- Window: everything known.
-- NULL: claimed_on when not given.
select
    claims.organization_id,
    claims.instrument,
    claims.claimed_on,
    claims.stage_code,
    claims.is_headline,
from raw.claims
semi join staging.organizations on claims.organization_id = organizations.organization_id
where claims.is_public and claims.instrument in ('altimeter_direct', 'altimeter_cumulative')
order by claims.organization_id, claims.claimed_on nulls first, claims.instrument
