-- Looks at conversations; what is known of those that were looked at since follows from these.
create or replace temp table doomed_views as
select
    thread_views.rowid as place,
    thread_views.thread_id,
from raw.thread_views
join bounds on thread_views.channel_id = bounds.channel_id
where thread_views.observed_at < bounds.kept_since;

delete from raw.thread_views where rowid in (select place from doomed_views);

delete from raw.threads where thread_id in (select thread_id from doomed_views);

insert into raw.threads by name
with views as (
    from raw.thread_views
    where thread_id in (select thread_id from doomed_views)
)

from statistics.thread_states('views');
