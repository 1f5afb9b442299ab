-- Every listed channel has each of the 53 weeks once, with up to seven days seen.
select
    channels.channel_id,
    count(weeks.week) as week_count,
    count(distinct weeks.week) as distinct_week_count,
from staging.channels
left join rollups.coverage_weeks as weeks
    on channels.channel_id = weeks.channel_id
    and weeks.seen_day_count between 0 and 7
group by channels.channel_id
having count(weeks.week) <> 53 or count(distinct weeks.week) <> 53
