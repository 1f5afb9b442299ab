-- No activity without its channel, no attempt without its organization's channel.
select
    activities.activity_id,
    activities.channel_id,
from raw.activities
anti join raw.channels on activities.channel_id = channels.channel_id
