-- One row: claimed against observed stages of the listed organizations in `as_of_week`. Rests on
-- claims that count and are public, and on no other, so that no difference tells of a private one.
-- Window: the week of the snapshot.
-- NULL: mean_gap_stages without a point comparison.
with claims as (
    select organization_id
    from raw.claims
    where is_headline and is_public
),

pairs as (
    select gaps.*
    from estimates.gaps
    semi join staging.organizations on gaps.organization_id = organizations.organization_id
    semi join claims on gaps.organization_id = claims.organization_id
    where gaps.as_of_week = getvariable('as_of_week')
),

stages as (
    select stages.*
    from estimates.stages
    semi join staging.organizations on stages.organization_id = organizations.organization_id
    where stages.as_of_week = getvariable('as_of_week')
)

select
    (select count(*) from pairs)::integer as claim_count,
    (select count(*) from stages)::integer as estimate_count,
    count(*) filter (claim_position <> '')::integer as both_count,
    count(*) filter (claim_position = 'above')::integer as above_count,
    count(*) filter (claim_position = 'below')::integer as below_count,
    count(*) filter (claim_position = 'within')::integer as within_count,
    (select count(*) filter (is_abstained) from stages)::integer as abstained_count,
    count(*) filter (gap_stages = 0)::integer as exact_count,
    count(*) filter (abs(gap_stages) <= 1)::integer as within_one_count,
    avg(gap_stages) as mean_gap_stages,
from pairs
