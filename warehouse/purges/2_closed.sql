-- Weeks of channels in which some person's act has been kept for its time: with it goes what
-- persons did there in that week, so that nothing of it is told apart by when it was seen.
create or replace temp table closed as
select distinct
    activities.channel_id,
    date_trunc('week', coalesce(activities.occurred_at, activities.first_seen_at))::date as week,
from raw.activities
join bounds on activities.channel_id = bounds.channel_id
where
    activities.author_role <> 'organization'
    and activities.first_seen_at < $latest::timestamp
    and activities.first_seen_at < bounds.kept_since
union
select
    channel_id,
    week,
from raw.purged_weeks
where person_act_count > 0
