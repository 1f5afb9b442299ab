-- One row per source and UTC day on which we tried to read some listed channel of it. Requests for
-- details are left out, and guesses where a feed may be, unless they were right.
-- Window: 28 days up to that of the last attempt, or of `as_of` when that is later.
-- NULL: never; a day without any attempt has no row.
with clock as (
    select greatest(getvariable('as_of')::timestamp, max(last_attempt_at))::date as last_day
    from raw.cursors
),

attempts as (
    select
        channels.source,
        attempts.fetched_at::date as day,
        attempts.channel_id,
        attempts.outcome in ('ok', 'not_modified', 'unchanged') as is_seen,
    from raw.attempts
    join staging.channels on attempts.channel_id = channels.channel_id
    where
        (attempts.purpose = 'read' or (attempts.purpose = 'discovery' and is_seen))
        and attempts.fetched_at >= (select last_day - 27 from clock)
        and attempts.fetched_at < (select last_day + 1 from clock)
)

select
    source,
    day,
    count(distinct channel_id)::integer as asked_channel_count,
    count(distinct channel_id) filter (is_seen)::integer as seen_channel_count,
    count(*)::integer as attempt_count,
    count(*) filter (not is_seen)::integer as failed_attempt_count,
from attempts
group by source, day
order by source, day
