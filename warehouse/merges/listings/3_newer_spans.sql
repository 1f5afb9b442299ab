-- The days that were seen, as spans that neither touch nor overlap: those of the channels of this
-- batch are made anew from the ones known before and the new ones.
create or replace temp table newer_spans as
with spans as (
    select
        channel_id,
        seen_from::date as from_day,
        observed_at::date as until_day,
    from landed_listings
    union all
    from raw.seen_spans
    where channel_id in (select channel_id from landed_listings)
)

from statistics.merged_spans('spans')
