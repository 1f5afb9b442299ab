-- dormant_share, days_since_last_post: what has fallen silent, of the channels in which the
-- organization publishes.
-- Window: the 180 days before the end of `as_of_week`. A channel is dormant when all of these
-- days were seen and none has a post; it is active when one has; otherwise it is left out.
-- NULL: absent = no channel; unobserved = no channel's state is known; undefined = no post known.
with bounds as (
    select
        getvariable('as_of_week') + 7 as window_end,
        getvariable('as_of_week') + 7 - 180 as window_start,
),

channels as (
    select
        channels.organization_id,
        channels.channel_key,
        coalesce(sum(
            least(seen_spans.until_day, bounds.window_end - 1)
            - greatest(seen_spans.from_day, bounds.window_start) + 1
        ) filter (seen_spans.channel_id is not null), 0) as seen_day_count,
        180 as day_count,
    from staging.channels
    cross join bounds
    left join raw.seen_spans
        on channels.channel_id = seen_spans.channel_id
        and seen_spans.from_day < bounds.window_end
        and seen_spans.until_day >= bounds.window_start
    where channels.is_publishing
    group by channels.organization_id, channels.channel_key
),

last_posts as (
    select
        channel_key,
        max(last_post_at) as last_post_at,
    from facts.post_weeks
    where week <= getvariable('as_of_week')
    group by channel_key
),

states as (
    select
        channels.*,
        last_posts.last_post_at,
        case
            when last_posts.last_post_at >= bounds.window_start then 'active'
            when channels.seen_day_count = channels.day_count then 'dormant'
            else 'unknown'
        end as state,
    from channels
    cross join bounds
    left join last_posts on channels.channel_key = last_posts.channel_key
),

totals as (
    select
        organization_id,
        sum(seen_day_count) / sum(day_count) as coverage_share,
        count(*) filter (state = 'dormant') as dormant_count,
        count(*) filter (state <> 'unknown') as known_count,
        max(last_post_at) as last_post_at,
        sum(seen_day_count) as seen_day_count,
    from states
    group by organization_id
),

measured as (
    select
        organization_id,
        'dormant_share' as signal_code,
        dormant_count / nullif(known_count, 0) as value,
        dormant_count as numerator,
        known_count as denominator,
        known_count as n,
        statistics.wilson_lower(dormant_count, known_count) as lower,
        statistics.wilson_upper(dormant_count, known_count) as upper,
        coverage_share,
        case when known_count = 0 then 'unobserved' else '' end as missing_reason,
    from totals
    union all by name
    select
        organization_id,
        'days_since_last_post' as signal_code,
        epoch(bounds.window_end::timestamp - last_post_at) / 86400 as value,
        null as numerator,
        null as denominator,
        known_count as n,
        null as lower,
        null as upper,
        coverage_share,
        case
            when seen_day_count = 0 then 'unobserved'
            when last_post_at is null then 'undefined'
            else ''
        end as missing_reason,
    from totals
    cross join bounds
),

codes as (
    select unnest(['dormant_share', 'days_since_last_post']) as signal_code
)

select
    organizations.organization_id,
    26 as window_weeks,
    codes.signal_code,
    case when measured.missing_reason = '' then measured.value end as value,
    measured.numerator,
    measured.denominator,
    coalesce(measured.n, 0) as n,
    measured.lower,
    measured.upper,
    measured.coverage_share,
    false as is_pooled,
    coalesce(measured.missing_reason, 'absent') as missing_reason,
    'dormancy-2' as method_version,
from staging.organizations
cross join codes
left join measured
    on organizations.organization_id = measured.organization_id
    and codes.signal_code = measured.signal_code
