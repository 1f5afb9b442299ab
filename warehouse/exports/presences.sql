select
    organization_id,
    channel_id,
    observed_at,
    follower_count,
    member_count,
    active_member_count,
    post_count,
    is_verified,
    page_id,
from raw.presences
order by organization_id, channel_id, observed_at
