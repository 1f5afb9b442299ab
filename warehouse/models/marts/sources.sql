-- One row per source of listed channels: is collecting from it complete and fresh?
-- Window: 7 days (reached, seen) and 28 days (activities) up to the last attempt, or to `as_of` when
-- that is later; outcomes of the last attempts.
-- NULL: last_success_at before the first success, next_due_at before the first attempt,
-- activity_count_28d when no channel of the source was seen in the 28 days.
with clock as (
    select greatest(getvariable('as_of')::timestamp, max(last_attempt_at)) as until_at
    from raw.cursors
),

-- a source that lets in too few requests does not refuse us; only the status tells these apart
refusals as (
    select
        channel_id,
        arg_max(status_code, (fetched_at, page_id)) as status_code,
    from raw.attempts
    where
        outcome = 'blocked'
        and purpose = 'read'
        and channel_id in (select channel_id from raw.cursors where last_outcome = 'blocked')
    group by channel_id
),

channels as (
    select
        channels.source,
        channels.organization_id,
        cursors.last_seen_at,
        greatest(cursors.next_due_at, cursors.not_before) as next_due_at,
        cursors.last_seen_at > clock.until_at - interval 7 day as is_seen,
        cursors.last_seen_at > clock.until_at - interval 28 day as is_seen_28d,
        case
            when cursors.last_outcome in ('disallowed', 'opted_out', 'refused') then 'robots'
            when cursors.last_outcome = 'held' or refusals.status_code = 429 then 'rate_limited'
            when cursors.last_outcome not in ('', 'ok', 'not_modified', 'unchanged') then 'failed'
        end as trouble,
    from staging.channels
    cross join clock
    left join raw.cursors on channels.channel_id = cursors.channel_id
    left join refusals on channels.channel_id = refusals.channel_id
),

activities as (
    select
        channels.source,
        count(*) as activity_count,
    from raw.activities
    join staging.channels on activities.channel_id = channels.channel_id
    where
        not activities.is_repeated
        and activities.first_seen_at > (select until_at - interval 28 day from clock)
        and activities.first_seen_at <= (select until_at from clock)
    group by channels.source
),

sums as (
    select
        source,
        count(*) as channel_count,
        count(distinct organization_id) as organization_count,
        count(distinct organization_id) filter (is_seen) as reached_organization_count,
        count(*) filter (is_seen) as seen_channel_count,
        max(last_seen_at) as last_success_at,
        min(next_due_at) as next_due_at,
        coalesce(bool_or(is_seen_28d), false) as is_seen_28d,
        count(*) filter (trouble = 'robots') as robots_count,
        count(*) filter (trouble = 'rate_limited') as rate_limited_count,
        count(*) filter (trouble = 'failed') as failed_count,
    from channels
    group by source
)

select
    sums.source,
    sums.channel_count::integer as channel_count,
    sums.organization_count::integer as organization_count,
    sums.reached_organization_count::integer as reached_organization_count,
    sums.seen_channel_count::integer as seen_channel_count,
    sums.last_success_at,
    sums.next_due_at,
    case when sums.is_seen_28d then coalesce(activities.activity_count, 0) end
        as activity_count_28d,
    sums.robots_count::integer as robots_count,
    sums.rate_limited_count::integer as rate_limited_count,
    sums.failed_count::integer as failed_count,
from sums
left join activities on sums.source = activities.source
order by sums.source
