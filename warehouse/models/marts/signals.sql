-- One row per listed organization, week and signal, as published: nothing that rests on fewer than
-- five persons.
-- Window: window_weeks full weeks up to as_of_week.
-- NULL: value is NULL when missing_reason says why; n, too, where that is too_few_persons.
select published.*
from signals.published
semi join staging.organizations
    on published.organization_id = organizations.organization_id
order by published.as_of_week, published.organization_id, published.signal_code
