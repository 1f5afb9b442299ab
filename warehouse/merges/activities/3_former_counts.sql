-- The counters of an activity before this look, where one has moved.
insert into raw.former_counts
select
    activity_id,
    former.like_count,
    former.reply_count,
    former.repost_count,
    looked_at,
from renewed
where is_recounted
