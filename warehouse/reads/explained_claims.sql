-- The public claims of $organization_id, oldest first, each beside the estimate of the week
-- $as_of_week where it is the one that counts.
-- NULL: claimed_on when not given; claim_position of other claims and without an estimate.
select
    claims.instrument,
    claims.claimed_on,
    claims.stage_code,
    claims.is_headline,
    case when claims.is_headline then nullif(gaps.claim_position, '') end as claim_position,
from raw.claims
left join estimates.gaps
    on claims.organization_id = gaps.organization_id
    and gaps.as_of_week = $as_of_week
where
    claims.organization_id = $organization_id
    and claims.is_public
    and claims.instrument in ('altimeter_direct', 'altimeter_cumulative')
order by claims.claimed_on nulls first, claims.instrument
