-- Grain: one row, all listed channels.
-- Window and clock: the 7 days up to until_at, which is the last attempt, or as_of when that is
-- later; naive UTC.
-- NULL: last_success_at before the first success.
with clock as (
    select greatest((select as_of from marts.snapshot), max(last_attempt_at)) as until_at
    from marts.channels
)

select
    any_value(clock.until_at) as until_at,
    count(channels.channel_id) as channel_count,
    count(channels.last_attempt_at) as asked_channel_count,
    count(*) filter (channels.last_seen_at > clock.until_at - interval 7 day)
        as seen_channel_count,
    count(distinct channels.organization_id) filter (
        channels.last_seen_at > clock.until_at - interval 7 day
    ) as reached_organization_count,
    max(channels.last_seen_at) as last_success_at,
from clock
left join marts.channels as channels on true
