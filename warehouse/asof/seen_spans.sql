-- The days that had been seen by `known_at`.
with spans as (
    select
        channel_id,
        seen_from::date as from_day,
        observed_at::date as until_day,
    from raw.listings
    where observed_at <= getvariable('known_at')
    union all
    select
        channel_id,
        from_at::date as from_day,
        (until_at - interval 1 microsecond)::date as until_day,
    from raw.periods
    where observed_at <= getvariable('known_at')
)

from statistics.merged_spans('spans')
