select
    organization_id,
    as_of_week,
    part,
    part_order,
    seen_share,
    above_1_log_odds,
    above_2_log_odds,
    above_3_log_odds,
    above_4_log_odds,
    above_5_log_odds,
from estimates.contributions
