-- weekend_share, office_hours_share, reply_clock_entropy: when an organization speaks, by its own
-- clock.
-- Posts are all that were seen; office hours are Monday to Friday, 09:00 to 17:00. Posts dated to
-- the day count for the weekend, not for the hours. Replies (who continues an own thread of posts
-- replies to nobody) are spread over the 168 hours of the week: Shannon's (1948) entropy of their
-- shares over that of a spread in which all hours are alike.
-- Window: the 13 full weeks up to `as_of_week`; what a reply continues may be 13 weeks older.
-- NULL: absent = no channel, for replies none that could show them; unobserved = no day seen;
-- undefined = no post with a known local time, or under 20 and no peers to draw the share
-- towards; under 20 replies with a known local time. No interval for the entropy.
with totals as (
    select
        organization_key,
        true as is_of_posts,
        sum(seen_channel_day_count) as seen_day_count,
        sum(seen_channel_day_count) / sum(channel_day_count) as coverage_share,
    from rollups.organization_weeks
    where week > getvariable('as_of_week') - 13 * 7
    group by organization_key
    union all by name
    select
        organization_key,
        false as is_of_posts,
        sum(late_day_count) as seen_day_count,
        sum(late_day_count) / sum(half_day_count) as coverage_share,
    from rollups.coverage
    where is_dialogue
    group by organization_key
),

posted as (
    select
        organization_key,
        sum(weekend_count) as weekend_count,
        sum(local_day_count) as local_day_count,
        sum(office_hours_count) as office_hours_count,
        sum(local_time_count) as local_time_count,
    from facts.organization_weeks
    where
        week > getvariable('as_of_week') - 13 * 7
        and week <= getvariable('as_of_week')
    group by organization_key
),

-- Every zone is whole quarters of an hour from UTC, so that a quarter lies in one hour of its week.
quarters as (
    select
        replies.organization_key,
        organizations.timezone,
        epoch_us(replies.occurred_at) // 900_000_000 as quarter,
        count(*) as reply_count,
    from rollups.replies
    join staging.organizations on replies.organization_key = organizations.organization_key
    where
        not replies.is_continuing
        and replies.time_precision = 'second'
        and organizations.timezone <> ''
    group by all
),

-- Converted once for all organizations of a zone.
clocks as (
    select
        timezone,
        quarter,
        timezone(timezone, timezone('UTC', make_timestamp(quarter * 900_000_000))) as local_at,
    from (
        select distinct
            timezone,
            quarter,
        from quarters
    )
),

hours as (
    select
        quarters.organization_key,
        isodow(clocks.local_at) * 24 + hour(clocks.local_at) as hour_of_week,
        sum(quarters.reply_count) as reply_count,
    from quarters
    join clocks on quarters.timezone = clocks.timezone and quarters.quarter = clocks.quarter
    group by all
),

shares as (
    select
        *,
        sum(reply_count) over (partition by organization_key) as n,
        reply_count / n as share,
    from hours
),

-- Added in the order of hours, so that the last bit does not depend on anything else; rounding
-- could carry the sum of 168 equal shares beyond 1.
spread as (
    select
        organization_key,
        any_value(n) as n,
        least(1, list_sum(list(share * ln(1 / share) order by hour_of_week)) / ln(168)) as entropy,
    from shares
    group by organization_key
),

counted as (
    select
        organization_key,
        'weekend_share' as signal_code,
        weekend_count as numerator,
        local_day_count as n,
        true as is_of_posts,
    from posted
    union all by name
    select
        organization_key,
        'office_hours_share' as signal_code,
        office_hours_count as numerator,
        local_time_count as n,
        true as is_of_posts,
    from posted
    union all by name
    select
        organization_key,
        'reply_clock_entropy' as signal_code,
        n,
        false as is_of_posts,
        case when n >= 20 then entropy end as value,
    from spread
),

codes as (
    from (values
        ('weekend_share', true),
        ('office_hours_share', true),
        ('reply_clock_entropy', false)
    ) as codes (signal_code, is_of_posts)
)

select
    organizations.organization_id,
    13 as window_weeks,
    codes.signal_code,
    case
        when coalesce(totals.seen_day_count, 0) = 0 then null
        when not codes.is_of_posts then counted.value
        when counted.n >= 20 then counted.numerator / counted.n
    end as value,
    counted.numerator,
    case when codes.is_of_posts then counted.n end as denominator,
    coalesce(counted.n, 0) as n,
    statistics.wilson_lower(counted.numerator, counted.n) as lower,
    statistics.wilson_upper(counted.numerator, counted.n) as upper,
    totals.coverage_share,
    coalesce(
        codes.is_of_posts and totals.seen_day_count > 0 and counted.n between 1 and 19,
        false
    ) as is_pooled,
    case
        when totals.organization_key is null then 'absent'
        when totals.seen_day_count = 0 then 'unobserved'
        when coalesce(counted.n, 0) = 0 then 'undefined'
        when not codes.is_of_posts and counted.n < 20 then 'undefined'
        else ''
    end as missing_reason,
    'clock-2' as method_version,
from staging.organizations
cross join codes
left join totals
    on organizations.organization_key = totals.organization_key
    and codes.is_of_posts = totals.is_of_posts
left join counted
    on organizations.organization_key = counted.organization_key
    and codes.signal_code = counted.signal_code
