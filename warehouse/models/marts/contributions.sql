-- One row per listed organization with an estimate and part of its log-odds (docs/classifier.md).
-- Window: the week of the snapshot.
-- NULL: seen_share where the part is no family of signals.
select
    contributions.organization_id,
    contributions.part,
    contributions.part_order,
    contributions.seen_share,
    contributions.above_1_log_odds,
    contributions.above_2_log_odds,
    contributions.above_3_log_odds,
    contributions.above_4_log_odds,
    contributions.above_5_log_odds,
from estimates.contributions
semi join staging.organizations
    on contributions.organization_id = organizations.organization_id
where contributions.as_of_week = getvariable('as_of_week')
order by contributions.organization_id, contributions.part_order
