-- See listings/3_newer_spans.sql. A period ends before `until_at`.
create or replace temp table newer_spans as
with spans as (
    select
        channel_id,
        from_at::date as from_day,
        (until_at - interval 1 microsecond)::date as until_day,
    from read_parquet($landed)
    union all
    from raw.seen_spans
    where channel_id in (select channel_id from read_parquet($landed))
)

from statistics.merged_spans('spans')
