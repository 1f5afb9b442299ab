-- The channels as they were listed at `known_at`: the first version that was replaced after it,
-- or the current one.
with former as (
    select * exclude (known_until)
    from raw.former_channels
    where first_listed_at <= getvariable('known_at') and known_until > getvariable('known_at')
    qualify row_number() over (partition by channel_id order by known_until) = 1
),

reading as (
    select max(listed_at) as listed_at
    from raw.list_readings
    where listed_at <= getvariable('known_at')
),

versions as (
    from raw.channels
    where
        first_listed_at <= getvariable('known_at')
        and channel_id not in (select channel_id from former)
    union all by name
    from former
)

select versions.* replace (least(versions.last_listed_at, reading.listed_at) as last_listed_at),
from versions
cross join reading
