-- Every listed channel stands there once, with up to 91 days seen of each half of the window; every
-- organization that publishes has each of the 26 weeks once.
select
    channels.channel_id as what,
    count(coverage.channel_key) as row_count,
from staging.channels
left join rollups.coverage
    on channels.channel_key = coverage.channel_key
    and coverage.late_day_count between 0 and coverage.half_day_count
    and coverage.early_day_count between 0 and coverage.half_day_count
group by channels.channel_id
having count(coverage.channel_key) <> 1
union all
select
    organization_key::varchar as what,
    count(*) as row_count,
from rollups.organization_weeks
group by organization_key
having count(*) <> 26
