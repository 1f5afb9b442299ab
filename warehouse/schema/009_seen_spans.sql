-- What an earlier version had seen, with the macro that later spans are merged by.
insert into raw.seen_spans
with spans as (
    select
        channel_id,
        seen_from::date as from_day,
        observed_at::date as until_day,
    from raw.listings
)

from statistics.merged_spans('spans');
