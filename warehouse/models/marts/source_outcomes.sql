-- One row per source of listed channels and way in which their last attempts ended.
-- Window: everything known.
-- NULL: never; outcome '' = not asked yet.
select
    channels.source,
    coalesce(cursors.last_outcome, '') as outcome,
    count(*)::integer as channel_count,
from staging.channels
left join raw.cursors on channels.channel_id = cursors.channel_id
group by all
order by source, outcome
