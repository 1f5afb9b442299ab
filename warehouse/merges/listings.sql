-- Runs after the activities are in: an activity is new on a page when the page is its first.
-- When every entry of a page is new although the channel had listed others before, entries have
-- probably come and gone unseen in between (window overflow).
insert into raw.listings by name
with landed as (
    from read_parquet($landed)
),

new_entries as (
    select
        page_id,
        count(*) as new_entry_count,
    from raw.activities
    where page_id in (select page_id from landed)
    group by page_id
),

known_channels as (
    select distinct channel_id
    from raw.listings
    where entry_count > 0 and channel_id in (select channel_id from landed)
)

select
    landed.*,
    coalesce(new_entries.new_entry_count, 0) as new_entry_count,
    landed.entry_count > 0
        and not landed.is_delta
        and coalesce(new_entries.new_entry_count, 0) >= landed.entry_count
        and known_channels.channel_id is not null as is_overflow,
from landed
left join new_entries on landed.page_id = new_entries.page_id
left join known_channels on landed.channel_id = known_channels.channel_id
