select
    organization_id,
    channel_id,
    day,
    state,
    activity_count,
from staging.coverage
