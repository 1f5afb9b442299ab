-- One row per source: how many of the attempts to read its listed channels failed?
-- Not counted are requests for details, and what a hold, robots.txt or an opt-out kept away.
-- Window: the 24 hours before $moment, with $least_attempt_count attempts or more.
-- NULL: never.
with shares as (
    select
        channels.source,
        count(*) as attempt_count,
        count(*) filter (attempts.outcome not in ('ok', 'not_modified', 'unchanged', 'page_loop'))
            as failed_count,
        failed_count / attempt_count as share,
    from raw.attempts
    join raw.channels on attempts.channel_id = channels.channel_id
    where
        channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
        and attempts.purpose = 'read'
        and attempts.outcome not in ('held', 'disallowed', 'opted_out', 'refused')
        and attempts.fetched_at > $moment - interval 24 hour
        and attempts.fetched_at <= $moment
    group by channels.source
    having attempt_count >= $least_attempt_count
)

select
    'source' as subject_kind,
    source as subject_id,
    null as organization_id,
    case
        when share > $raise_share then 'raised'
        when share <= $clear_share then 'clear'
        else 'between'
    end as state,
    share as value,
    $raise_share as limit_value,
    attempt_count,
    failed_count,
from shares
order by source
