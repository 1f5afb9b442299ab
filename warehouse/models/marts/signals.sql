-- One row per listed organization, week and signal: `signals.measurements`, as published.
-- Window: window_weeks full weeks up to as_of_week.
-- NULL: value is NULL when missing_reason says why.
select measurements.*
from signals.measurements
semi join staging.organizations
    on measurements.organization_id = organizations.organization_id
order by measurements.as_of_week, measurements.organization_id, measurements.signal_code
