-- Every listed channel has exactly one known state on every day of the 53 weeks.
select
    channels.channel_id,
    count(coverage.day) as day_count,
    count(distinct coverage.day) as distinct_day_count,
from staging.channels
left join staging.coverage
    on channels.channel_id = coverage.channel_id
    and coverage.state in ('covered', 'empty', 'blocked', 'failed', 'out_of_window')
group by channels.channel_id
having count(coverage.day) not in (371, 372) or count(distinct coverage.day) <> count(coverage.day)
