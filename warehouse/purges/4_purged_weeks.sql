-- What stays of them: sums by channel and week.
insert into raw.purged_weeks by name
select
    organization_id,
    channel_id,
    week,
    count(*) as act_count,
    count(*) filter (is_of_person) as person_act_count,
    max(posted_at) as last_post_at,
    bool_and(is_limited) as is_limited,
    $moment::timestamp as purged_at,
from doomed
group by organization_id, channel_id, week
