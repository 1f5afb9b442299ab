-- One row per organization and ISO week with an original post in a channel in which it publishes:
-- how many, how far apart, and when by its own clock.
-- Sums are of whole microseconds, so that their order does not matter.
-- Window: the weeks in `facts.touched`; weeks start on Monday, UTC.
-- NULL: never.
with own as (
    select
        acts.organization_key,
        acts.week,
        acts.occurred_at,
        acts.time_precision,
        organizations.timezone,
        -- no zone has ever changed its clock, or differed from another, by less than a quarter
        time_bucket(interval 15 minute, acts.occurred_at) as quarter,
    from facts.acts
    semi join facts.touched
        on acts.organization_key = touched.organization_key
        and acts.week = touched.week
    join staging.organizations on acts.organization_key = organizations.organization_key
    join staging.channels on acts.channel_key = channels.channel_key
    where
        acts.direction = 'by_organization'
        and acts.kind = 'post'
        and channels.is_publishing
        and acts.week >= getvariable('touched_from')::date
        and acts.week < getvariable('touched_until')::date
),

-- Conversion is slow: each quarter once.
quarters as (
    select
        timezone,
        quarter,
        timezone(timezone, timezone('UTC', quarter)) - quarter as ahead,
    from (select distinct timezone, quarter from own where timezone <> '')
),

posts as (
    select
        own.organization_key,
        own.week,
        own.occurred_at,
        own.time_precision,
        epoch_us(own.occurred_at) - lag(epoch_us(own.occurred_at)) over (
            partition by own.organization_key, own.week order by own.occurred_at
        ) as gap_us,
        case
            when own.time_precision = 'day' then own.occurred_at
            else own.occurred_at + quarters.ahead
        end as local_at,
    from own
    left join quarters on own.timezone = quarters.timezone and own.quarter = quarters.quarter
)

select
    organization_key,
    week,
    count(*) as post_count,
    min(occurred_at) as first_post_at,
    max(occurred_at) as last_post_at,
    coalesce(sum(gap_us::hugeint), 0) as gap_sum_us,
    coalesce(sum(gap_us::hugeint * gap_us), 0) as gap_square_sum,
    count(local_at) as local_day_count,
    count(*) filter (isodow(local_at) >= 6) as weekend_count,
    count(local_at) filter (time_precision = 'second') as local_time_count,
    count(*) filter (
        time_precision = 'second' and isodow(local_at) <= 5 and hour(local_at) between 9 and 16
    ) as office_hours_count,
from posts
group by organization_key, week
order by week, organization_key
