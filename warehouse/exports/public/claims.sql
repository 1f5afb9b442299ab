-- As published: public claims alone; of private ones tell the totals in `agreement_statistics`.
select
    organization_id,
    instrument,
    claimed_on,
    stage_code,
    is_headline,
from marts.claims
