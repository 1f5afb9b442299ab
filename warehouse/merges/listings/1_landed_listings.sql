-- Runs after the activities are in: an activity is new on a page when the page is its first.
-- When every entry of a page is new although the channel had listed others before, entries have
-- probably come and gone unseen in between (window overflow).
-- A page shows its channel since its oldest entry, and since the page before it, unless entries
-- were probably missed in between.
create or replace temp table landed_listings as
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

former as (
    select
        landed.page_id,
        max(listings.observed_at) as observed_at,
    from landed
    join raw.listings
        on landed.channel_id = listings.channel_id
        and listings.observed_at < landed.observed_at
    group by landed.page_id
),

known_channels as (
    select distinct channel_id
    from raw.listings
    where entry_count > 0 and channel_id in (select channel_id from landed)
),

judged as (
    select
        landed.*,
        coalesce(new_entries.new_entry_count, 0) as new_entry_count,
        landed.entry_count > 0
            and not landed.is_delta
            and coalesce(new_entries.new_entry_count, 0) >= landed.entry_count
            and known_channels.channel_id is not null as is_overflow,
        greatest(
            former.observed_at,
            lag(landed.observed_at) over (
                partition by landed.channel_id order by landed.observed_at
            )
        ) as former_observed_at,
    from landed
    left join new_entries on landed.page_id = new_entries.page_id
    left join known_channels on landed.channel_id = known_channels.channel_id
    left join former on landed.page_id = former.page_id
)

select
    * exclude (former_observed_at),
    least(
        observed_at,
        listed_from,
        case when not is_overflow then former_observed_at end
    ) as seen_from,
from judged
