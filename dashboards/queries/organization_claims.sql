-- Grain: one row per public claim of the organizations asked for, oldest first.
-- Window and clock: everything known at the snapshot.
-- NULL: claimed_on when not given.
select
    organization_id,
    instrument,
    claimed_on,
    stage_code,
    is_headline,
from marts.claims
where organization_id in (select unnest($organization_ids::varchar[]))
order by claimed_on nulls first, instrument
