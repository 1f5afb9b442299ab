-- One row per source, and one for all where there are several: of the days of listed channels, how
-- many were seen in the last 7 full days, beside the median of the 8 weeks before?
-- A channel counts from the first day that was ever seen of it. Days that a healthy channel was not
-- yet asked about count neither way, nor do those on which its source was out.
-- While an alert is open, what counts is the limit at which it was opened: a low week must not
-- become the measure.
-- Window: 63 days before $moment, with $least_week_count weeks before the last or more.
-- NULL: never.
with known as (
    select
        seen_spans.channel_id,
        min(seen_spans.from_day) as first_day,
        max(seen_spans.until_day) as last_day,
    from raw.seen_spans
    group by seen_spans.channel_id
),

channels as (
    select
        channels.channel_id,
        channels.source,
        greatest(known.first_day, $moment::date - 63) as from_day,
        case
            when cursors.last_outcome in ('ok', 'not_modified', 'unchanged')
                then least(known.last_day, $moment::date - 1)
            else $moment::date - 1
        end as until_day,
    from raw.channels
    join raw.cursors on channels.channel_id = cursors.channel_id
    join known on channels.channel_id = known.channel_id
    where
        channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
        and channels.listed_by <> 'import'
),

days as (
    select
        channel_id,
        source,
        unnest(generate_series(from_day, until_day, interval 1 day))::date as day,
    from channels
    where from_day <= until_day
),

outages as (
    select
        subject_id as source,
        opened_at::date as from_day,
        coalesce(recovered_at, $moment)::date as until_day,
    from raw.alerts
    where condition_code = 'source_out'
),

seen as (
    select
        days.source,
        ($moment::date - 1 - days.day) // 7 as weeks_back,
        coalesce(days.day <= seen_spans.until_day, false) as is_seen,
    from days
    asof left join raw.seen_spans
        on days.channel_id = seen_spans.channel_id and days.day >= seen_spans.from_day
    anti join outages
        on days.source = outages.source
        and days.day >= outages.from_day
        and days.day <= outages.until_day
),

weeks as (
    select
        'source' as subject_kind,
        source as subject_id,
        weeks_back,
        count(*) as day_count,
        count(*) filter (is_seen) / count(*) as share,
    from seen
    group by source, weeks_back
    union all
    select
        'project' as subject_kind,
        'project' as subject_id,
        weeks_back,
        count(*) as day_count,
        count(*) filter (is_seen) / count(*) as share,
    from seen
    where (select count(distinct source) from channels) > 1
    group by weeks_back
),

drops as (
    select
        weeks.subject_kind,
        weeks.subject_id,
        max(share) filter (weeks_back = 0) as value,
        max(day_count) filter (weeks_back = 0) as day_count,
        median(share) filter (weeks_back > 0) as usual,
        count(*) filter (weeks_back > 0) as week_count,
    from weeks
    group by all
    having value is not null and week_count >= $least_week_count
),

limited as (
    select
        drops.*,
        coalesce(open_alerts.limit_value, drops.usual - $raise_drop) as limit_value,
    from drops
    left join (from raw.alerts where recovered_at is null) as open_alerts
        on open_alerts.condition_code = 'coverage_drop'
        and drops.subject_kind = open_alerts.subject_kind
        and drops.subject_id = open_alerts.subject_id
)

select
    subject_kind,
    subject_id,
    null as organization_id,
    case
        when value < limit_value then 'raised'
        when value >= limit_value + $raise_drop - $clear_drop then 'clear'
        else 'between'
    end as state,
    value,
    limit_value,
    day_count,
    usual,
    week_count,
from limited
order by subject_kind, subject_id
