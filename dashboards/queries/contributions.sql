-- Grain: one row per part of the log-odds of one organization, in the order in which they add up.
-- Window and clock: the week of the snapshot; parts of earlier weeks are not published.
-- NULL: seen_share where the part is no family of signals.
select
    part,
    seen_share,
    above_1_log_odds,
    above_2_log_odds,
    above_3_log_odds,
    above_4_log_odds,
    above_5_log_odds,
from marts.contributions
where organization_id = $organization_id
order by part_order
