-- One row per source of which enough channels were asked lately: do most of them fail?
-- Counted are listed channels that were seen within 7 days: one that never answered is out by
-- itself. Enough are $least_channel_count, and half of those counted, or 10. Not asked are those
-- that a hold, robots.txt or an opt-out kept away.
-- Window: last attempts of the 6 hours before $moment.
-- NULL: never.
with channels as (
    select
        channels.source,
        cursors.last_attempt_at > $moment - interval 6 hour
            and cursors.last_outcome not in ('held', 'disallowed', 'opted_out', 'refused')
            as is_asked,
        cursors.last_outcome not in ('ok', 'not_modified', 'unchanged') as is_failing,
    from raw.channels
    join raw.cursors on channels.channel_id = cursors.channel_id
    where
        channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
        and channels.listed_by <> 'import'
        and cursors.last_seen_at > $moment - interval 7 day
        and cursors.last_attempt_at <= $moment
),

shares as (
    select
        source,
        count(*) filter (is_asked) as asked_count,
        count(*) filter (is_asked and is_failing) as failing_count,
        failing_count / asked_count as share,
    from channels
    group by source
    having
        asked_count >= $least_channel_count
        and (asked_count >= 10 or 2 * asked_count >= count(*))
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
    asked_count,
    failing_count,
from shares
order by source
