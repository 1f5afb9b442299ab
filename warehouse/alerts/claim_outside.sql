-- One row per listed organization with a public claim that counts, or an open alert: does the claim
-- lie outside of its 90 % prediction set in the last two weeks that could be judged, after it, or
-- the one before it, lay within? Weeks of another model than the last do not count: what differs
-- between models is no change of the organization. A private claim is told to nobody.
-- Window: all weeks that were compared, up to the last one.
-- NULL: set bounds and label where the last week is not judged.
with weeks as (
    select
        gaps.organization_id,
        gaps.as_of_week,
        gaps.claimed_stage_code,
        gaps.claim_position,
        stages.stage_label,
        stages.is_abstained,
        stages.set90_low,
        stages.set90_high,
        row_number() over (
            partition by gaps.organization_id order by gaps.as_of_week desc
        ) as place,
    from estimates.gaps
    join estimates.stages
        on gaps.organization_id = stages.organization_id
        and gaps.as_of_week = stages.as_of_week
    where gaps.claim_position <> ''
    qualify
        stages.model_version
        = arg_max(stages.model_version, (stages.estimated_at, stages.as_of_week)) over (
            partition by gaps.organization_id
        )
),

courses as (
    select
        organization_id,
        max(as_of_week) as as_of_week,
        count(*) filter (place <= 2) as last_count,
        count(*) filter (place <= 2 and claim_position = 'within') as last_within_count,
        bool_or(claim_position = 'within') as was_within,
        arg_min(claimed_stage_code, place) as claimed_stage_code,
        arg_min(claim_position, place) as claim_position,
        arg_min(stage_label, place) as stage_label,
        arg_min(is_abstained, place) as is_abstained,
        arg_min(set90_low, place) as set90_low,
        arg_min(set90_high, place) as set90_high,
    from weeks
    group by organization_id
),

claimants as (
    select organization_id
    from raw.claims
    where is_headline and is_public
),

open_alerts as (
    select subject_id as organization_id
    from raw.alerts
    where condition_code = 'claim_outside' and recovered_at is null
),

judged as (
    select
        organizations.organization_id,
        organizations.name,
        organizations.organization_id in (select organization_id from claimants) as is_claiming,
        coalesce(
            courses.as_of_week = (select max(as_of_week) from estimates.gaps), false
        ) as is_of_now,
        courses.* exclude (organization_id),
    from raw.organizations
    left join courses on organizations.organization_id = courses.organization_id
    where
        organizations.last_listed_at = (select max(last_listed_at) from raw.organizations)
        and (
            organizations.organization_id in (select organization_id from claimants)
            or organizations.organization_id in (select organization_id from open_alerts)
        )
)

select
    'organization' as subject_kind,
    organization_id as subject_id,
    organization_id,
    case
        when not is_claiming then 'clear'
        when not is_of_now or last_count < 2 then 'between'
        when last_within_count = 2 then 'clear'
        when last_within_count = 0 and was_within then 'raised'
        else 'between'
    end as state,
    claimed_stage_code::double as value,
    case
        when claim_position = 'above' then set90_high
        when claim_position = 'below' then set90_low
    end::double as limit_value,
    name,
    is_claiming,
    as_of_week,
    claim_position,
    claimed_stage_code,
    stage_label,
    is_abstained,
    set90_low,
    set90_high,
from judged
order by organization_id
