select
    channels.organization_id,
    address_changes.channel_id,
    address_changes.changed_at,
    address_changes.reason,
    address_changes.from_url,
    address_changes.to_url,
    address_changes.page_id,
from raw.address_changes
join raw.channels on address_changes.channel_id = channels.channel_id
