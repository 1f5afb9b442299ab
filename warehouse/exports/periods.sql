select
    channels.organization_id,
    periods.channel_id,
    periods.from_at,
    periods.until_at,
    periods.is_dialogue_whole,
    periods.observed_at,
from raw.periods
join raw.channels on periods.channel_id = channels.channel_id
