-- As `course_outages`, of all organizations: one row per listed organization and week in which a source
-- of its was out: on some day, more than half of ten or more organizations that were asked there gave
-- no answer at all.
-- NULL: never.
with asked as (
    select
        channels.source,
        attempts.fetched_at::date as day,
        attempts.organization_id,
        bool_or(attempts.outcome in ('ok', 'not_modified', 'unchanged', 'page_loop'))
            as is_answered,
    from raw.attempts
    join raw.channels on attempts.channel_id = channels.channel_id
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

select distinct
    channels.organization_id,
    date_trunc('week', days.day)::date as week,
from days
join raw.channels on days.source = channels.source
where channels.organization_id in (select unnest($organization_ids::varchar[]))
order by organization_id, week
