-- One row per listed organization with a channel of which no day of the last 13 full weeks was
-- seen: why not, by how the last attempt at each of them ended: blocked (not let in, robots.txt
-- among it), failed, out_of_window (never asked, or what was shown did not reach back), or mixed.
-- Window: the 13 full weeks up to `as_of_week`; attempts of all time.
-- NULL: never.
with unseen as (
    select
        organization_id,
        channel_id,
    from rollups.coverage
    where late_day_count = 0
),

latest as (
    select
        channel_id,
        arg_max(outcome, (fetched_at, page_id)) as outcome,
    from raw.attempts
    where purpose = 'read' and channel_id in (select channel_id from unseen)
    group by channel_id
),

explained as (
    select
        unseen.organization_id,
        case
            when latest.outcome is null then 'out_of_window'
            when latest.outcome in ('blocked', 'needs_auth', 'disallowed', 'opted_out', 'held')
                then 'blocked'
            when latest.outcome in ('ok', 'not_modified', 'unchanged', 'page_loop')
                then 'out_of_window'
            else 'failed'
        end as reason,
    from unseen
    left join latest on unseen.channel_id = latest.channel_id
)

select
    organization_id,
    case when min(reason) = max(reason) then min(reason) else 'mixed' end as unseen_reason,
from explained
group by organization_id
