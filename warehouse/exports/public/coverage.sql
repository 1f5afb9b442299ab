-- Without counts of acts, which others than the organization may have done.
select
    organization_id,
    channel_id,
    day,
    state,
from staging.coverage
