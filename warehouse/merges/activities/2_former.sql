-- What an activity was before this look, where anything that signals read has changed.
insert into raw.former_activities by name
select
    unnest(former),
    looked_at as known_until,
    false as is_withdrawn,
from renewed
where is_changed
