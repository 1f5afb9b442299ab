-- One row per original post of an organization on the list, repeats within a document left out,
-- and only from channels in which it publishes and from which something may be derived (R18).
-- Window: none; times UTC.
-- NULL: never.
select
    activities.activity_id,
    activities.organization_id,
    activities.channel_id,
    channels.source,
    activities.occurred_at,
    activities.occurred_at::date as occurred_on,
    activities.time_precision,
    activities.content_fingerprint,
    activities.text_length,
    activities.text_sketch,
    activities.link_key,
from raw.activities
join staging.channels on activities.channel_id = channels.channel_id
where
    channels.is_publishing
    and activities.kind in ('post', 'release')
    and activities.direction = 'by_organization'
    and not activities.is_repeated
    and activities.occurred_at is not null
    and activities.occurred_at < (select as_of from staging.clock)
