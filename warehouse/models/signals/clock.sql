-- weekend_share, office_hours_share: when an organization posts, by its own clock.
-- Window: the 13 full weeks up to `as_of_week`, all posts seen in them; office hours are Monday
-- to Friday, 09:00 to 17:00. Posts dated to the day count for the weekend, not for the hours.
-- NULL: absent = no channel; unobserved = no day seen; undefined = under 20 posts with a known
-- local time (below that a share says little; numerator, n and interval are still given).
with totals as (
    select
        organization_id,
        sum(seen_channel_day_count) as seen_channel_day_count,
        sum(seen_channel_day_count) / sum(channel_day_count) as coverage_share,
    from rollups.organization_weeks
    where week > getvariable('as_of_week') - 13 * 7
    group by organization_id
),

posts as (
    select
        organization_id,
        time_precision,
        isodow(local_at) >= 6 as is_weekend,
        isodow(local_at) <= 5 and hour(local_at) between 9 and 16 as is_office_hours,
    from staging.posts
    where
        local_at is not null
        and occurred_at >= getvariable('as_of_week') - 12 * 7
        and occurred_at < getvariable('as_of_week') + 7
),

counted as (
    select
        organization_id,
        'weekend_share' as signal_code,
        count(*) filter (is_weekend) as numerator,
        count(*) as n,
    from posts
    group by organization_id
    union all by name
    select
        organization_id,
        'office_hours_share' as signal_code,
        count(*) filter (is_office_hours) as numerator,
        count(*) as n,
    from posts
    where time_precision = 'second'
    group by organization_id
),

codes as (
    select unnest(['weekend_share', 'office_hours_share']) as signal_code
)

select
    organizations.organization_id,
    13 as window_weeks,
    codes.signal_code,
    case when counted.n >= 20 then counted.numerator / counted.n end as value,
    counted.numerator,
    counted.n as denominator,
    coalesce(counted.n, 0) as n,
    statistics.wilson_lower(counted.numerator, counted.n) as lower,
    statistics.wilson_upper(counted.numerator, counted.n) as upper,
    totals.coverage_share,
    case
        when totals.organization_id is null then 'absent'
        when totals.seen_channel_day_count = 0 then 'unobserved'
        when coalesce(counted.n, 0) < 20 then 'undefined'
        else ''
    end as missing_reason,
    'clock-1' as method_version,
from staging.organizations
cross join codes
left join totals on organizations.organization_id = totals.organization_id
left join counted
    on organizations.organization_id = counted.organization_id
    and codes.signal_code = counted.signal_code
