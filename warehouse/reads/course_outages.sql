-- Mondays of weeks in which a source of $organization_id was out: on some day, more than half of ten
-- or more organizations that were asked there gave no answer at all. It may as well have been our
-- own line: nothing that was counted then tells of one organization.
-- Not asked are those that a server's hold, robots.txt or an opt-out kept away.
-- NULL: never.
with sources as (
    select distinct source
    from raw.channels
    where organization_id = $organization_id
),

asked as (
    select
        channels.source,
        attempts.fetched_at::date as day,
        attempts.organization_id,
        bool_or(attempts.outcome in ('ok', 'not_modified', 'unchanged', 'page_loop'))
            as is_answered,
    from raw.attempts
    join raw.channels on attempts.channel_id = channels.channel_id
    semi join sources on channels.source = sources.source
    where
        attempts.purpose = 'read'
        and attempts.outcome not in ('held', 'disallowed', 'opted_out', 'refused')
    group by all
),

days as (
    select
        source,
        day,
    from asked
    group by source, day
    having count(*) >= 10 and 2 * count(*) filter (not is_answered) > count(*)
)

select distinct date_trunc('week', day)::date as week
from days
order by week
