-- One row per listed organization whose stage may have changed: under the model that estimated it
-- last, two stages were likely within a year, or an alert is open. Whether one is held is decided in
-- `classifiers.stage_history`. Weeks that abstain or name no stage are left out.
-- Window: 52 weeks before the last estimate of any organization.
-- NULL: never.
with stages as (
    select stages.*
    from estimates.stages
    join raw.organizations on stages.organization_id = organizations.organization_id
    where
        organizations.last_listed_at = (select max(last_listed_at) from raw.organizations)
        and stages.as_of_week >= (select max(as_of_week) - 364 from estimates.stages)
    qualify
        stages.model_version
        = arg_max(stages.model_version, (stages.estimated_at, stages.as_of_week)) over (
            partition by stages.organization_id
        )
),

likely as (
    select
        organization_id,
        case
            when probability_1 >= $least_probability then 1
            when probability_2 >= $least_probability then 2
            when probability_3 >= $least_probability then 3
            when probability_4 >= $least_probability then 4
            when probability_5 >= $least_probability then 5
            when probability_6 >= $least_probability then 6
            when probability_5 + probability_6 >= $least_probability then 5
        end as stage_code,
    from stages
    where not is_abstained
),

open_alerts as (
    select subject_id as organization_id
    from raw.alerts
    where condition_code = 'stage_changed' and recovered_at is null
)

select
    stages.organization_id,
    max(organizations.name) as name,
    max(stages.as_of_week) as as_of_week,
from stages
join raw.organizations on stages.organization_id = organizations.organization_id
left join likely on stages.organization_id = likely.organization_id
where true
group by stages.organization_id
having
    count(distinct likely.stage_code) > 1
    or stages.organization_id in (select organization_id from open_alerts)
order by stages.organization_id
